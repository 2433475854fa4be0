// What later fragments of a datagram need to know of its first: only that one has ports. Nothing is held back: a fragment that
// overtakes its first one is lost.
#ifndef RT_FRAGMENT_H
#define RT_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt_random.h"

typedef struct {
    uint32_t source, destination;       // as it came
    uint32_t to_source, to_destination; // as it goes on
    uint32_t used;                      // rt_ticks() of the last fragment; 0: free
    uint16_t id, to_id;                 // as in the packet
    uint16_t first_len;                 // payload of the first fragment: the later ones begin behind it
    uint8_t protocol;
} rt_fragment_t;

typedef struct {
    rt_fragment_t *slots;
    uint16_t capacity;
    uint32_t key[6];
} rt_fragments_t;

#define RT_FRAGMENT_LIFE_MS 5000 // since the fragment before: they are sent back to back
#define RT_FRAGMENT_WAYS 4

// capacity: a power of two, >= RT_FRAGMENT_WAYS.
bool rt_fragments_init(rt_fragments_t *fragments, rt_fragment_t *slots, uint16_t capacity);
void rt_fragments_seed(rt_fragments_t *fragments, rt_random_t *random);
void rt_fragments_clear(rt_fragments_t *fragments);

// The live entry with the source, destination, protocol and id of wanted; NULL: none. What comes from clients and what comes
// from the tunnel differ in the source.
rt_fragment_t *rt_fragments_find(rt_fragments_t *fragments, const rt_fragment_t *wanted, uint32_t now);
// Keep an entry whose like is not there, in place of a dead one or of the one that has waited longest.
rt_fragment_t *rt_fragments_keep(rt_fragments_t *fragments, const rt_fragment_t *entry, uint32_t now);

#endif
