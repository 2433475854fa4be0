// Takes numbers and byte strings off a fuzzer's input, front first; when it is used up everything is zero and empty.
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t len;
} fuzz_input_t;

static inline uint8_t fuzz_u8(fuzz_input_t *input) {
    if (input->len == 0) {
        return 0;
    }
    input->len--;
    return *input->data++;
}

static inline uint16_t fuzz_u16(fuzz_input_t *input) {
    uint16_t high = fuzz_u8(input);
    return (uint16_t)((high << 8) | fuzz_u8(input));
}

// Copy up to want bytes to out; how many there were.
static inline size_t fuzz_bytes(fuzz_input_t *input, uint8_t *out, size_t want) {
    size_t take = want < input->len ? want : input->len;
    memcpy(out, input->data, take);
    input->data += take;
    input->len -= take;
    return take;
}

// Stop with the claim that did not hold; a fuzzer keeps the input that led here.
#define FUZZ_CLAIM(claim)                                                                                              \
    do {                                                                                                               \
        if (!(claim)) {                                                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim);                                 \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
