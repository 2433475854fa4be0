#include "console.h"

#include "cpu.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/interrupt_char.h"

#define RING_LEN 1024 // a power of two; four frames of the console's protocol

static uint8_t ring[RING_LEN];
static unsigned put, taken; // counted on for ever

void console_poll(void) {
    while (put - taken < RING_LEN) {
        const int byte = cpu_console_read();
        if (byte < 0) {
            return;
        }
#if MICROPY_KBD_EXCEPTION
        if (byte == mp_interrupt_char) {
            mp_sched_keyboard_interrupt();
            continue;
        }
#endif
        ring[put++ % RING_LEN] = (uint8_t)byte;
    }
}

bool console_ready(void) {
    return put != taken;
}

size_t console_read(uint8_t *out, size_t len) {
    console_poll();
    size_t count = 0;
    while (count < len && put != taken) {
        uint8_t *byte = &ring[taken++ % RING_LEN];
        out[count++] = *byte;
        *byte = 0; // it can be a part of a key
    }
    return count;
}

void console_write(const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        cpu_console_write(data[i]);
    }
}
