// QEMU's `sim` board with a windowed Xtensa core. With -icount shift=10 each instruction takes 1024 ns of virtual time, of
// which CCOUNT counts 10 MHz.
//
// The core has no MULUH. xtensa.s emulates it in the illegal-instruction handler and counts what it emulated; the price of
// one, which is the same for all, is found out here, and what all of them cost but for one instruction each is subtracted.
#include "guest.h"

#define EMULATED_TO_LEARN 1000

extern uint32_t muluh_count; // emulated so far
void xtensa_write(const char *text, size_t len);
void xtensa_exit(int status) __attribute__((noreturn));

static uint32_t price;
static uint32_t started;
static uint32_t started_count;
static uint32_t emulated;

static uint32_t ticks(void) {
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=r"(count));
    return count;
}

void guest_start(void) {
    started_count = muluh_count;
    started = ticks();
}

uint32_t guest_stop(void) {
    uint32_t passed = ticks() - started;
    // passed / 10.24, rounded, without leaving 32 bits.
    uint32_t instructions = (passed >> 8) * 25 + (((passed & 255) * 25 + 128) >> 8);
    emulated = muluh_count - started_count;
    return instructions - price * emulated;
}

uint32_t guest_emulated(void) {
    return emulated;
}

void guest_begin(void) {
    uint32_t a = 3;
    uint32_t counts[2];
    for (int with_muluh = 0; with_muluh < 2; with_muluh++) {
        guest_start();
        for (int i = 0; i < EMULATED_TO_LEARN; i++) {
            if (with_muluh) {
                __asm__ volatile("muluh %0, %0, %0" : "+r"(a));
            } else {
                __asm__ volatile("mull %0, %0, %0" : "+r"(a));
            }
        }
        counts[with_muluh] = guest_stop();
    }
    price = (counts[1] - counts[0] + EMULATED_TO_LEARN / 2) / EMULATED_TO_LEARN;
}

void guest_write(const char *text, size_t len) {
    xtensa_write(text, len);
}

void guest_exit(int status) {
    xtensa_exit(status);
}
