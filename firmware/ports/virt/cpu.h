// What differs between the emulated boards besides the bus: clock, sleep, watchdog, console wires, reset.
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void cpu_init(void);

// Microseconds since power-on or reset; never goes back.
uint64_t cpu_time_us(void);
// Sleep until a device interrupts or that time is there. What interrupted before the call and was not yet acknowledged makes it
// come back at once, so that nothing is slept over.
void cpu_sleep_until(uint64_t time_us);
// The same for so many milliseconds from now on.
void cpu_sleep(uint32_t ms);
// Forget what the interrupt controller, if there is one, has latched. To be called after bus_acknowledge() of all devices and
// before the last look at their rings: then a device that has something new interrupts the sleep that follows.
void cpu_acknowledge(void);
// Reset the machine by itself when that time is there, whatever the program does then; 0: never.
// Before it does so it calls reset_note(RESET_WATCHDOG) (reset.h).
void cpu_set_watchdog(uint64_t time_us);

void cpu_reset(void) __attribute__((noreturn));
void cpu_power_off(int status) __attribute__((noreturn));

// Seconds and nanoseconds since 1970; false: the board has no clock.
bool cpu_wall_clock(uint64_t *seconds, uint32_t *nanoseconds);

// The console's wires: one byte, or -1 when there is none. Writing waits while the wire is busy, but not for ever: what nobody
// takes is dropped.
int cpu_console_read(void);
void cpu_console_write(uint8_t byte);

// What was written before is seen by devices before what is written after.
static inline void cpu_barrier(void) {
#if defined(__riscv)
    __asm volatile("fence iorw, iorw" ::: "memory");
#elif defined(__xtensa__)
    __asm volatile("memw" ::: "memory");
#else
#error "a processor that this port does not know"
#endif
}

#endif
