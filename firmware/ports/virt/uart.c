#include "uart.h"

#include <stdbool.h>

#include "cpu.h"

enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE_STATUS = 5 }; // registers
enum { INTERRUPT_RECEIVED = 1, INTERRUPT_CAN_SEND = 2, FIFO_ON_AND_EMPTY = 7 };
enum { STATUS_RECEIVED = 0x01, STATUS_CAN_SEND = 0x20 };

// A host that does not read makes the wire busy for ever; one that has much to do reads after a while.
#define PATIENCE_US 250000
#define NAP_US 5000

static volatile uint8_t *registers;

void uart_init(uintptr_t address) {
    registers = (volatile uint8_t *)address;
    if (registers != NULL) {
        registers[INTERRUPTS] = INTERRUPT_RECEIVED;
        registers[FIFO] = FIFO_ON_AND_EMPTY;
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
