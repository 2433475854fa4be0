// Reads the test vectors of tests/vectors. They are JSON of a simple kind: every test is an object that begins with the
// same key, and its values are strings and numbers.
//
//     vectors_t vectors = vectors_open("rfc/rfc7748.json", "scalar");
//     while (vectors_next(&vectors)) {
//         vectors_bytes(&vectors, "u", point, sizeof(point));
//     }
#ifndef VECTORS_H
#define VECTORS_H

#include "check.h"

typedef struct {
    char *text;
    const char *first_key; // that each test begins with
    const char *test;      // the current one
    const char *end;       // of it
} vectors_t;

static inline const char *vectors_find_key(const char *from, const char *end, const char *key) {
    size_t len = strlen(key);
    for (const char *p = from; p + len + 2 <= end; p++) {
        if (p[0] == '"' && memcmp(p + 1, key, len) == 0 && p[len + 1] == '"') {
            const char *value = p + len + 2;
            while (*value == ' ') {
                value++;
            }
            if (*value == ':') {
                return p;
            }
        }
    }
    return end;
}

static inline vectors_t vectors_open(const char *name, const char *first_key) {
    char path[1024];
    const char *slash = strrchr(__FILE__, '/');
    CHECK(slash != NULL);
    snprintf(path, sizeof(path), "%.*s/../vectors/%s", (int)(slash - __FILE__), __FILE__, name);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    CHECK(fseek(file, 0, SEEK_END) == 0);
    size_t len = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(1, len + 1);
    CHECK(text != NULL);
    CHECK(fread(text, 1, len, file) == len);
    fclose(file);
    return (vectors_t){text, first_key, NULL, vectors_find_key(text, text + len, first_key)};
}

// Go on to the next test. False, and all memory given back: there are no more.
static inline bool vectors_next(vectors_t *vectors) {
    const char *end = vectors->end + strlen(vectors->end);
    if (vectors->end == end) {
        free(vectors->text);
        return false;
    }
    vectors->test = vectors->end;
    vectors->end = vectors_find_key(vectors->test + 1, end, vectors->first_key);
    return true;
}

static inline const char *vectors_value(const vectors_t *vectors, const char *key) {
    const char *at = vectors_find_key(vectors->test, vectors->end, key);
    CHECK(at != vectors->end);
    at = strchr(at, ':') + 1;
    return at + strspn(at, " ");
}

static inline bool vectors_has(const vectors_t *vectors, const char *key) {
    return vectors_find_key(vectors->test, vectors->end, key) != vectors->end;
}

static inline long vectors_number(const vectors_t *vectors, const char *key) {
    return strtol(vectors_value(vectors, key), NULL, 10);
}

// Whether the value is this string.
static inline bool vectors_is(const vectors_t *vectors, const char *key, const char *string) {
    const char *value = vectors_value(vectors, key) + 1;
    return strncmp(value, string, strlen(string)) == 0 && value[strlen(string)] == '"';
}

// The bytes of a hexadecimal string; returns how many.
static inline size_t vectors_bytes(const vectors_t *vectors, const char *key, uint8_t *out, size_t space) {
    const char *hex = vectors_value(vectors, key);
    CHECK(*hex++ == '"');
    size_t len = 0;
    for (; *hex != '"'; hex += 2) {
        unsigned byte = 0;
        CHECK(len < space && sscanf(hex, "%2x", &byte) == 1);
        out[len++] = (uint8_t)byte;
    }
    return len;
}

#endif
