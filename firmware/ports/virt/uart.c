#include "uart.h"

#include <stdbool.h>

#include "cpu.h"

enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE_CONTROL = 3, LINE_STATUS = 5 }; // registers
enum { DIVISOR_LOW = 0, DIVISOR_HIGH = 1 };                                     // with LINE_DIVISOR
enum { INTERRUPT_RECEIVED = 1, INTERRUPT_CAN_SEND = 2, LINE_8_BITS = 0x03, LINE_DIVISOR = 0x80 };
// It interrupts at 14 bytes, or when fewer have waited for the time of four. QEMU hands over so many at a time: at one byte each
// of them would wait for QEMU's main loop.
enum { FIFO_ON_AND_EMPTY = 0x07, FIFO_TRIGGER_14 = 0xc0 };
enum { STATUS_RECEIVED = 0x01, STATUS_CAN_SEND = 0x20 };

// A host that does not read makes the wire busy for ever; one that has much to do reads after a while.
#define PATIENCE_US 250000
#define NAP_US 5000

static volatile uint8_t *registers;

void uart_init(uintptr_t address) {
    registers = (volatile uint8_t *)address;
    if (registers != NULL) {
        // 115200 baud: an emulated wire has no speed, but the wait for more bytes is counted in it.
        registers[LINE_CONTROL] = LINE_8_BITS | LINE_DIVISOR;
        registers[DIVISOR_LOW] = 1;
        registers[DIVISOR_HIGH] = 0;
        registers[LINE_CONTROL] = LINE_8_BITS;
        registers[INTERRUPTS] = INTERRUPT_RECEIVED;
        registers[FIFO] = FIFO_ON_AND_EMPTY | FIFO_TRIGGER_14;
    }
}

int uart_read(void) {
    if (registers == NULL || (registers[LINE_STATUS] & STATUS_RECEIVED) == 0) {
        return -1;
    }
    return registers[DATA];
}

static bool can_send(void) {
    return (registers[LINE_STATUS] & STATUS_CAN_SEND) != 0;
}

// Asleep, because an emulator that is asked all the time has no time to send.
static bool wait_to_send(void) {
    const uint64_t end = cpu_time_us() + PATIENCE_US;
    registers[INTERRUPTS] = INTERRUPT_RECEIVED | INTERRUPT_CAN_SEND;
    for (uint64_t now; !can_send() && (now = cpu_time_us()) < end;) {
        cpu_sleep_until(now + NAP_US);
        cpu_acknowledge();
    }
    registers[INTERRUPTS] = INTERRUPT_RECEIVED;
    return can_send();
}

void uart_write(uint8_t byte) {
    // Once waited for in vain, not again before it has moved.
    static bool is_stuck;
    if (registers == NULL) {
        return;
    }
    if (!can_send() && (is_stuck || !wait_to_send())) {
        is_stuck = true;
        return;
    }
    is_stuck = false;
    registers[DATA] = byte;
}
