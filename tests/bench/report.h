// What a guest of the bench says, in lines of text.
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <string.h>

#include "guest.h"

static inline void write_text(const char *text) {
    guest_write(text, strlen(text));
}

static inline void write_number(uint32_t number) {
    char digits[10];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    guest_write(digits + at, sizeof(digits) - at);
}

// "count NAME NUMBER"
static inline void report(const char *name, uint32_t number) {
    write_text("count ");
    write_text(name);
    write_text(" ");
    write_number(number);
    write_text("\n");
}

static inline _Noreturn void fail(const char *what) {
    write_text(what);
    write_text("\n");
    guest_exit(1);
}

static inline void require(bool is_fulfilled, const char *what) {
    if (!is_fulfilled) {
        fail(what);
    }
}

#endif
