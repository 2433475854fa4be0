// Poly1305 one-time authenticator (RFC 8439, section 2.5).
#ifndef WG_POLY1305_H
#define WG_POLY1305_H

#include <stddef.h>
#include <stdint.h>

#define WG_TAG_LEN 16

// The fields belong to the implementation that is built in; callers only own the memory.
typedef struct {
    uint64_t state[32];
} wg_poly1305_t;

void wg_poly1305_init(wg_poly1305_t *poly, const uint8_t key[32]);
void wg_poly1305_update(wg_poly1305_t *poly, const uint8_t *data, size_t len);
// Write the tag and wipe the state.
void wg_poly1305_finish(wg_poly1305_t *poly, uint8_t tag[WG_TAG_LEN]);

#endif
