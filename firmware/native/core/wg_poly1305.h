// Poly1305 one-time authenticator (RFC 8439, section 2.5).
#ifndef WG_POLY1305_H
#define WG_POLY1305_H

#include <stddef.h>
#include <stdint.h>

#define WG_TAG_LEN 16

// The fields belong to the implementation that is built in; callers only own the memory.
typedef struct {
    union {
        struct {
            uint32_t r[9];      // the multiplier, in the form that the arithmetic wants
            uint32_t h[5];      // the accumulator
            uint32_t pad[4];    // what is added at the end
            uint32_t block[4];  // data that waits for the rest of its block
            uint32_t block_len; // bytes of it
        } words;
        uint64_t wide[32]; // for implementations with vectors
    } state;
} wg_poly1305_t;

void wg_poly1305_init(wg_poly1305_t *poly, const uint8_t key[32]);
void wg_poly1305_update(wg_poly1305_t *poly, const uint8_t *data, size_t len);
// Write the tag and wipe the state.
void wg_poly1305_finish(wg_poly1305_t *poly, uint8_t tag[WG_TAG_LEN]);

#endif
