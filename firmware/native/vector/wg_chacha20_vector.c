#include "wg_chacha20_vector.h"

#include "wg_bytes.h"
#include "wg_chacha20.h"
#include "wg_chacha20_widths.h"
#include "wg_wipe.h"

#if defined(__x86_64__)

static void keystream_widest(uint8_t *stream, const uint32_t state[16], size_t blocks) {
    if (blocks > 8 && __builtin_cpu_supports("avx512f")) {
        keystream_16(stream, state);
    } else if (blocks > 4 && __builtin_cpu_supports("avx2")) {
        keystream_8(stream, state);
        if (blocks > 8) {
            uint32_t second[16];
            memcpy(second, state, sizeof second);
            second[12] += 8;
            keystream_8(stream + 512, second);
            wg_wipe(second, sizeof second);
        }
    } else {
        uint32_t next[16];
        memcpy(next, state, sizeof next);
        for (size_t done = 0; done < blocks; done += 4) {
            keystream_4(stream + 64 * done, next);
            next[12] += 4;
        }
        wg_wipe(next, sizeof next);
    }
}

#else

static void keystream_widest(uint8_t *stream, const uint32_t state[16], size_t blocks) {
    uint32_t next[16];
    memcpy(next, state, sizeof next);
    for (size_t done = 0; done < blocks; done += 4) {
        keystream_4(stream + 64 * done, next);
        next[12] += 4;
    }
    wg_wipe(next, sizeof next);
}

#endif

void wg_chacha20_state(uint32_t state[16], const uint8_t key[32], const uint8_t nonce[12], uint32_t counter) {
    state[0] = 0x61707865;
    state[1] = 0x3320646e;
    state[2] = 0x79622d32;
    state[3] = 0x6b206574;
    for (int i = 0; i < 8; i++) {
        state[4 + i] = wg_load32_le(key + 4 * i);
    }
    state[12] = counter;
    for (int i = 0; i < 3; i++) {
        state[13 + i] = wg_load32_le(nonce + 4 * i);
    }
}

void wg_chacha20_stream(uint8_t stream[WG_STREAM_LEN], uint32_t state[16], size_t blocks) {
    keystream_widest(stream, state, blocks);
    state[12] += (uint32_t)blocks;
}

void wg_xor(uint8_t *out, const uint8_t *in, const uint8_t *stream, size_t len) {
    typedef uint64_t chunk __attribute__((vector_size(32)));
    size_t i = 0;
    for (; i + sizeof(chunk) <= len; i += sizeof(chunk)) {
        chunk a, b;
        memcpy(&a, in + i, sizeof a);
        memcpy(&b, stream + i, sizeof b);
        a ^= b;
        memcpy(out + i, &a, sizeof a);
    }
    for (; i < len; i++) {
        out[i] = in[i] ^ stream[i];
    }
}

void wg_chacha20_xor(uint8_t *out, const uint8_t *in, size_t len, const uint8_t key[WG_KEY_LEN],
                     const uint8_t nonce[WG_NONCE_LEN], uint32_t counter) {
    uint32_t state[16];
    uint8_t stream[WG_STREAM_LEN] __attribute__((aligned(64)));
    wg_chacha20_state(state, key, nonce, counter);
    while (len > 0) {
        size_t take = len < WG_STREAM_LEN ? len : WG_STREAM_LEN;
        wg_chacha20_stream(stream, state, (take + 63) / 64);
        wg_xor(out, in, stream, take);
        out += take;
        in += take;
        len -= take;
    }
    wg_wipe(state, sizeof state);
    wg_wipe(stream, sizeof stream);
}

void wg_chacha20_begin(wg_chacha20_t *stream, const uint8_t key[WG_KEY_LEN], const uint8_t nonce[WG_NONCE_LEN],
                       uint32_t counter) {
    wg_chacha20_state(stream->state, key, nonce, counter);
}

// Its callers want a block or a few, so no more than four are made at a time.
void wg_chacha20_next(wg_chacha20_t *stream, uint8_t *out, const uint8_t *in, size_t len) {
    uint8_t blocks[4 * WG_CHACHA20_BLOCK_LEN] __attribute__((aligned(64)));
    while (len > 0) {
        size_t take = len < sizeof blocks ? len : sizeof blocks;
        keystream_4(blocks, stream->state);
        stream->state[12] += (uint32_t)((take + WG_CHACHA20_BLOCK_LEN - 1) / WG_CHACHA20_BLOCK_LEN);
        wg_xor(out, in, blocks, take);
        out += take;
        in += take;
        len -= take;
    }
    wg_wipe(blocks, sizeof blocks);
}

// One block without the final addition, as HChaCha20 wants it; too rare to be worth a vector.
static void rounds(uint32_t x[16]) {
#define ROTATE(v, n) (((v) << (n)) | ((v) >> (32 - (n))))
    static const uint8_t quarters[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
                                           {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14}};
    for (int i = 0; i < 80; i++) {
        uint32_t *a = &x[quarters[i & 7][0]], *b = &x[quarters[i & 7][1]];
        uint32_t *c = &x[quarters[i & 7][2]], *d = &x[quarters[i & 7][3]];
        *a += *b;
        *d = ROTATE(*d ^ *a, 16);
        *c += *d;
        *b = ROTATE(*b ^ *c, 12);
        *a += *b;
        *d = ROTATE(*d ^ *a, 8);
        *c += *d;
        *b = ROTATE(*b ^ *c, 7);
    }
#undef ROTATE
}

void wg_hchacha20(uint8_t out[WG_KEY_LEN], const uint8_t key[WG_KEY_LEN], const uint8_t nonce[16]) {
    uint32_t x[16];
    wg_chacha20_state(x, key, nonce + 4, wg_load32_le(nonce));
    rounds(x);
    for (int i = 0; i < 4; i++) {
        wg_store32_le(out + 4 * i, x[i]);
        wg_store32_le(out + 16 + 4 * i, x[12 + i]);
    }
    wg_wipe(x, sizeof x);
}
