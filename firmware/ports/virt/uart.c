#include "uart.h"

#include <stdbool.h>

#include "cpu.h"

enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE_STATUS = 5 }; // registers
enum { INTERRUPT_RECEIVED = 1, FIFO_ON_AND_EMPTY = 7 };
enum { STATUS_RECEIVED = 0x01, STATUS_CAN_SEND = 0x20 };

// A host that does not read makes the wire busy for ever; one that has much to do reads after a while.
#define PATIENCE_US 250000

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

void uart_write(uint8_t byte) {
    // Once waited for in vain, not again before it has moved.
    static bool is_stuck;
    if (registers == NULL) {
        return;
    }
    const uint64_t start = is_stuck || can_send() ? 0 : cpu_time_us();
    while (!can_send()) {
        if (is_stuck || cpu_time_us() - start > PATIENCE_US) {
            is_stuck = true;
            return;
        }
    }
    is_stuck = false;
    registers[DATA] = byte;
}
