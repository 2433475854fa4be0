// ChaCha20 over LANES blocks at once, one block in each lane (RFC 8439, section 2.3). Included once for each width, with LANES
// (4, 8 or 16), NAME(x) and TARGET defined; everything it defines is static, and each file takes what it needs of it.
//
// Written with the compilers' vector extensions, so that the same lines serve SSE2, AVX2, AVX-512 and NEON.

#include "wg_chacha20_heads.h"

typedef uint32_t NAME(words) __attribute__((vector_size(4 * LANES)));

// Four words of four blocks, transposed within each 128-bit lane: afterwards x[j] holds words 0..3 of block j (and of blocks
// j + 4, j + 8, ... in the higher lanes).
#if LANES == 4
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#define LOW2 0, 1, 4, 5
#define HIGH2 2, 3, 6, 7
#elif LANES == 8
#define LOW 0, 8, 1, 9, 4, 12, 5, 13
#define HIGH 2, 10, 3, 11, 6, 14, 7, 15
#define LOW2 0, 1, 8, 9, 4, 5, 12, 13
#define HIGH2 2, 3, 10, 11, 6, 7, 14, 15
#elif LANES == 16
#define LOW 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define HIGH 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#endif

TARGET static inline __attribute__((always_inline)) void NAME(transpose)(NAME(words) * x) {
    NAME(words) a = __builtin_shufflevector(x[0], x[1], LOW);
    NAME(words) b = __builtin_shufflevector(x[2], x[3], LOW);
    NAME(words) c = __builtin_shufflevector(x[0], x[1], HIGH);
    NAME(words) d = __builtin_shufflevector(x[2], x[3], HIGH);
    x[0] = __builtin_shufflevector(a, b, LOW2);
    x[1] = __builtin_shufflevector(a, b, HIGH2);
    x[2] = __builtin_shufflevector(c, d, LOW2);
    x[3] = __builtin_shufflevector(c, d, HIGH2);
}

#undef LOW
#undef HIGH
#undef LOW2
#undef HIGH2

#define ROTATE(v, n) (((v) << (n)) | ((v) >> (32 - (n))))
#define QUARTER(a, b, c, d)                                                                                            \
    do {                                                                                                               \
        a += b;                                                                                                        \
        END_QUARTER(a, b, c, d);                                                                                       \
    } while (0)
#define HALF_QUARTER(a, b, c, d)                                                                                       \
    do {                                                                                                               \
        a += b;                                                                                                        \
        d = ROTATE(d ^ a, 16);                                                                                         \
        c += d;                                                                                                        \
        b = ROTATE(b ^ c, 12);                                                                                         \
    } while (0)
// All but the first addition.
#define END_QUARTER(a, b, c, d)                                                                                        \
    do {                                                                                                               \
        d = ROTATE(d ^ a, 16);                                                                                         \
        c += d;                                                                                                        \
        b = ROTATE(b ^ c, 12);                                                                                         \
        a += b;                                                                                                        \
        d = ROTATE(d ^ a, 8);                                                                                          \
        c += d;                                                                                                        \
        b = ROTATE(b ^ c, 7);                                                                                          \
    } while (0)

#define COLUMN_ROUND(x)                                                                                                \
    do {                                                                                                               \
        QUARTER(x[0], x[4], x[8], x[12]);                                                                              \
        QUARTER(x[1], x[5], x[9], x[13]);                                                                              \
        QUARTER(x[2], x[6], x[10], x[14]);                                                                             \
        QUARTER(x[3], x[7], x[11], x[15]);                                                                             \
    } while (0)
#define DIAGONAL_ROUND(x)                                                                                              \
    do {                                                                                                               \
        QUARTER(x[0], x[5], x[10], x[15]);                                                                             \
        QUARTER(x[1], x[6], x[11], x[12]);                                                                             \
        QUARTER(x[2], x[7], x[8], x[13]);                                                                              \
        QUARTER(x[3], x[4], x[9], x[14]);                                                                              \
    } while (0)

// Write the key stream of LANES blocks, from block state[12] on, to stream (64 * LANES bytes, aligned to a vector).
TARGET static __attribute__((unused)) void NAME(keystream)(uint8_t *stream, const uint32_t state[16]) {
    NAME(words) x[16];
    NAME(words) lane_number;
    for (uint32_t i = 0; i < LANES; i++) {
        lane_number[i] = i;
    }
    for (int i = 0; i < 16; i++) {
        x[i] = state[i] + (NAME(words)){0};
    }
    x[12] += lane_number;
    for (int i = 0; i < 10; i++) {
        COLUMN_ROUND(x);
        DIAGONAL_ROUND(x);
    }
    for (int i = 0; i < 16; i++) {
        x[i] += state[i];
    }
    x[12] += lane_number;
    for (int i = 0; i < 16; i += 4) {
        NAME(transpose)(x + i);
    }
    // x[4 * group + j] holds four words of block j in its lowest 128 bits, of block j + 4 in the next, and so on.
    for (int lane = 0; lane < LANES / 4; lane++) {
        for (int j = 0; j < 4; j++) {
            for (int group = 0; group < 4; group++) {
                memcpy(stream + 64 * (4 * lane + j) + 16 * group, (const uint8_t *)&x[4 * group + j] + 16 * lane, 16);
            }
        }
    }
}

// wg_chacha20_heads() of LANES blocks, from the one at `at` on.
TARGET static __attribute__((unused)) void NAME(heads)(const wg_chacha20_head_t *head, wg_chacha20_heads_t *heads,
                                                       size_t at) {
    NAME(words) x[16];
    for (int i = 0; i < 13; i++) {
        x[i] = head->start[i] + (NAME(words)){0};
    }
    for (int i = 0; i < 3; i++) {
        memcpy(&x[13 + i], heads->nonces[i] + at, sizeof(x[0]));
    }
    END_QUARTER(x[1], x[5], x[9], x[13]);
    END_QUARTER(x[2], x[6], x[10], x[14]);
    END_QUARTER(x[3], x[7], x[11], x[15]);
    DIAGONAL_ROUND(x);
    for (int i = 0; i < 8; i++) {
        COLUMN_ROUND(x);
        DIAGONAL_ROUND(x);
    }
    COLUMN_ROUND(x);
    HALF_QUARTER(x[0], x[5], x[10], x[15]);
    HALF_QUARTER(x[1], x[6], x[11], x[12]);
    HALF_QUARTER(x[2], x[7], x[8], x[13]);
    HALF_QUARTER(x[3], x[4], x[9], x[14]);
    // Of the last half round the first row needs no more than its additions.
    for (int i = 0; i < 4; i++) {
        x[i] += x[4 + (i + 1) % 4] + head->end[i];
        memcpy(heads->out[i] + at, &x[i], sizeof(x[0]));
        x[8 + i] += head->end[4 + i];
        memcpy(heads->spare[i] + at, &x[8 + i], sizeof(x[0]));
    }
}

#undef DIAGONAL_ROUND
#undef COLUMN_ROUND
#undef HALF_QUARTER
#undef END_QUARTER
#undef QUARTER
#undef ROTATE
