// What MicroPython asks of a machine: time, the console, and what to do while it waits.

#include "console.h"
#include "cpu.h"
#include "lwpath_port.h"
#include "network.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

#define WAIT_MAX_MS 1000 // lwIP's timers
#define LOOPS_PER_LOOK 256

mp_uint_t mp_hal_ticks_ms(void) {
    return (mp_uint_t)port_now_ms();
}

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)cpu_time_us();
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return (mp_uint_t)cpu_time_us();
}

uint64_t mp_hal_time_ns(void) {
    uint64_t seconds;
    uint32_t nanoseconds;
    return cpu_wall_clock(&seconds, &nanoseconds) ? seconds * 1000000000ull + nanoseconds : 0;
}

void mp_hal_delay_us(mp_uint_t us) {
    const uint64_t end = cpu_time_us() + us;
    while (cpu_time_us() < end) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    const uint64_t end = port_now_ms() + ms;
    mp_event_handle_nowait();
    for (uint64_t now; (now = port_now_ms()) < end;) {
        mp_event_wait_ms((mp_uint_t)(end - now));
    }
}

// MICROPY_INTERNAL_EVENT_HOOK and MICROPY_INTERNAL_WFE.

void hal_serve(void) {
    console_poll();
    network_serve();
}

void hal_wait(mp_uint_t timeout_ms) {
    port_wait(timeout_ms < WAIT_MAX_MS ? timeout_ms : WAIT_MAX_MS); // -1, for ever, is a large number
    hal_serve();
}

#if UNDERTOW_DEV
void hal_look_for_ctrl_c(void) {
    static unsigned count;
    if (++count % LOOPS_PER_LOOK == 0) {
        console_poll();
    }
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        uint8_t byte;
        if (console_read(&byte, 1) == 1) {
            return byte;
        }
        mp_event_wait_indefinite();
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    console_poll();
    return (console_ready() ? flags & MP_STREAM_POLL_RD : 0) | (flags & MP_STREAM_POLL_WR);
}
#endif

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t len) {
    console_write((const uint8_t *)text, len);
    return len;
}
