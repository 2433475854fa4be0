// The C library that the core asks for, as a small system has it: four words at a time where the ends are aligned.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) word_t;

void *memcpy(void *restrict to, const void *restrict from, size_t len) {
    uint8_t *t = to;
    const uint8_t *f = from;
    if ((((uintptr_t)t | (uintptr_t)f) & 3) == 0) {
        for (; len >= 16; len -= 16, t += 16, f += 16) {
            const word_t *from_words = (const word_t *)(const void *)f;
            word_t *to_words = (word_t *)(void *)t;
            word_t w0 = from_words[0], w1 = from_words[1], w2 = from_words[2], w3 = from_words[3];
            to_words[0] = w0, to_words[1] = w1, to_words[2] = w2, to_words[3] = w3;
        }
        for (; len >= 4; len -= 4, t += 4, f += 4) {
            *(word_t *)(void *)t = *(const word_t *)(const void *)f;
        }
    }
    while (len-- > 0) {
        *t++ = *f++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t len) {
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f) {
        for (; len > 0; len--) {
            *t++ = *f++;
        }
    } else {
        while (len-- > 0) {
            t[len] = f[len];
        }
    }
    return to;
}

void *memset(void *to, int value, size_t len) {
    uint8_t *t = to;
    word_t word = (uint8_t)value * UINT32_C(0x01010101);
    if (((uintptr_t)t & 3) == 0) {
        for (; len >= 16; len -= 16, t += 16) {
            word_t *words = (word_t *)(void *)t;
            words[0] = word, words[1] = word, words[2] = word, words[3] = word;
        }
        for (; len >= 4; len -= 4, t += 4) {
            *(word_t *)(void *)t = word;
        }
    }
    while (len-- > 0) {
        *t++ = (uint8_t)value;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t len) {
    const uint8_t *p = a;
    const uint8_t *q = b;
    for (; len > 0; len--, p++, q++) {
        if (*p != *q) {
            return *p < *q ? -1 : 1;
        }
    }
    return 0;
}

int strncmp(const char *a, const char *b, size_t len) {
    for (; len > 0 && *a == *b && *a != 0; len--, a++, b++) {
    }
    return len > 0 ? (uint8_t)*a - (uint8_t)*b : 0;
}

size_t strlen(const char *text) {
    const char *end = text;
    while (*end != 0) {
        end++;
    }
    return (size_t)(end - text);
}
