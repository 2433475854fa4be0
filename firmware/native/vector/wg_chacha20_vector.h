// Key stream of many blocks at once, for machines with wide registers.
#ifndef WG_CHACHA20_VECTOR_H
#define WG_CHACHA20_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#define WG_STREAM_BLOCKS 16
#define WG_STREAM_LEN (64 * WG_STREAM_BLOCKS)

// The state of RFC 8439, section 2.3: constants, key, block counter, nonce.
void wg_chacha20_state(uint32_t state[16], const uint8_t key[32], const uint8_t nonce[12], uint32_t counter);

// Write the key stream of at least `blocks` blocks (1 to WG_STREAM_BLOCKS) to stream and advance the counter by `blocks`.
// stream: WG_STREAM_LEN bytes, aligned to 64; what lies behind the blocks asked for is undefined (and secret: wipe it all).
void wg_chacha20_stream(uint8_t stream[WG_STREAM_LEN], uint32_t state[16], size_t blocks);

// out = in XOR stream, len bytes.
void wg_xor(uint8_t *out, const uint8_t *in, const uint8_t *stream, size_t len);

#endif
