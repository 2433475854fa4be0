// Unforeseeable numbers for ports, identifications and hash keys: ChaCha20 whose key is replaced with each block, so that what
// was given out cannot be computed from what is in memory later.
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdint.h>

#define RT_SEED_LEN 32

typedef struct {
    uint8_t block[64]; // the next key, and numbers not yet given out
    uint8_t used;      // bytes of block
} rt_random_t;

void rt_random_seed(rt_random_t *random, const uint8_t seed[RT_SEED_LEN]);
uint16_t rt_random16(rt_random_t *random);
uint32_t rt_random32(rt_random_t *random);

#endif
