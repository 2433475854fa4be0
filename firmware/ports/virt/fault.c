#include "fault.h"

#include <stdbool.h>

#include "cpu.h"
#include "reset.h"

static void say_byte(uint8_t byte) {
    reset_say(byte);
    cpu_console_write(byte);
}

static void say(const char *text) {
    for (; *text != '\0'; text++) {
        say_byte((uint8_t)*text);
    }
}

static void say_hex(const char *name, uint32_t value) {
    say(name);
    for (int shift = 28; shift >= 0; shift -= 4) {
        say_byte((uint8_t)"0123456789abcdef"[value >> shift & 15]);
    }
}

// The note first: what comes after may go wrong, too.
static void note(reset_cause_t cause) {
    static bool again;
    if (again) {
        cpu_reset();
    }
    again = true;
    reset_note(cause);
}

void fault_exception(uint32_t cause, uint32_t pc, uint32_t address) {
    note(RESET_CRASH);
    say_hex("\r\nundertow: a processor fault: cause ", cause);
    say_hex(" pc ", pc);
    say_hex(" address ", address);
    say("\r\n");
    cpu_reset();
}

void fault_hang(uint32_t pc) {
    note(RESET_WATCHDOG);
    say_hex("\r\nundertow: the watchdog ended a hang: pc ", pc);
    say("\r\n");
    cpu_reset();
}
