// The assertions and the main program of a native test file. Each test_*.c is one program:
//
//     TEST(an_old_counter_is_refused) {
//         CHECK(!wg_replay_accept(&replay, 0));
//     }
//
// Without arguments the program runs all of its tests, else those that are named. A failure prints the place and ends the
// program with status 1.
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct check_test {
    const char *name;
    void (*run)(void);
    struct check_test *next;
} check_test_t;

static check_test_t *check_tests;
static check_test_t **check_tests_end = &check_tests;

// Constructors of one file run in the order of the file.
#define TEST(claim)                                                                                                    \
    static void claim(void);                                                                                           \
    __attribute__((constructor)) static void check_register_##claim(void) {                                            \
        static check_test_t test = {#claim, claim, NULL};                                                              \
        *check_tests_end = &test;                                                                                      \
        check_tests_end = &test.next;                                                                                  \
    }                                                                                                                  \
    static void claim(void)

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition);                             \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

// Integers up to 64 bits.
#define CHECK_EQ(actual, expected)                                                                                     \
    do {                                                                                                               \
        uint64_t check_actual = (uint64_t)(actual);                                                                    \
        uint64_t check_expected = (uint64_t)(expected);                                                                \
        if (check_actual != check_expected) {                                                                          \
            printf("%s:%d: %s: %s is %" PRIu64 ", expected %s = %" PRIu64 "\n", __FILE__, __LINE__, __func__, #actual, \
                   check_actual, #expected, check_expected);                                                           \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CHECK_BYTES(actual, expected, len)                                                                             \
    do {                                                                                                               \
        const uint8_t *check_actual = (const uint8_t *)(actual);                                                       \
        const uint8_t *check_expected = (const uint8_t *)(expected);                                                   \
        if (memcmp(check_actual, check_expected, len) != 0) {                                                          \
            printf("%s:%d: %s: %s is not %s\n", __FILE__, __LINE__, __func__, #actual, #expected);                     \
            check_print_hex("  actual   ", check_actual, len);                                                         \
            check_print_hex("  expected ", check_expected, len);                                                       \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline void check_print_hex(const char *name, const uint8_t *data, size_t len) {
    printf("%s", name);
    for (size_t i = 0; i < len; i++) {
        printf("%02x", data[i]);
    }
    printf("\n");
}

// Bytes of a hexadecimal string; returns how many.
static inline size_t check_unhex(uint8_t *out, const char *hex) {
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = 0;
        CHECK(sscanf(hex + 2 * i, "%2x", &byte) == 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

// Numbers for property tests: splitmix64 (Steele, Lea, Flood 2014), the same on every machine and in every run.
static inline uint64_t check_random(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline void check_random_bytes(uint64_t *state, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)check_random(state);
    }
}

int main(int argc, char **argv) {
    int ran = 0;
    for (const check_test_t *test = check_tests; test != NULL; test = test->next) {
        bool wanted = argc == 1;
        for (int i = 1; i < argc; i++) {
            wanted = wanted || strcmp(argv[i], test->name) == 0;
        }
        if (wanted) {
            test->run();
            ran++;
        }
    }
    if (ran < argc - 1 || ran == 0) {
        printf("no test has this name\n");
        return 2;
    }
    printf("%d passed\n", ran);
    return 0;
}

#endif
