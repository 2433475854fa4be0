#include "uart.h"

#include "cpu.h"
#include "pci.h"
#include "registers.h"

enum { DEVICE = 0x0002 };
enum { DATA = 0, INTERRUPTS = 1, FIFO = 2, LINE_STATUS = 5 }; // registers
enum { INTERRUPT_RECEIVED = 1, FIFO_ON = 1 };
enum { STATUS_RECEIVED = 1, STATUS_CAN_SEND = 0x20 };

#define BUSY_US_MAX 10000

static uintptr_t registers; // 0: this machine has no console
static bool is_stuck;       // nobody takes what is sent

void uart_init(void) {
    int slot = pci_find(PCI_VENDOR_QEMU, DEVICE);
    if (slot < 0) {
        return;
    }
    registers = pci_range((unsigned)slot, 0);
    *register_8(registers + FIFO) = FIFO_ON;
    *register_8(registers + INTERRUPTS) = INTERRUPT_RECEIVED;
}

int uart_read(void) {
    if (registers == 0 || (*register_8(registers + LINE_STATUS) & STATUS_RECEIVED) == 0) {
        return -1;
    }
    return *register_8(registers + DATA);
}

static bool can_send(void) {
    return (*register_8(registers + LINE_STATUS) & STATUS_CAN_SEND) != 0;
}

void uart_write(uint8_t byte) {
    if (registers == 0) {
        return;
    }
    if (!can_send()) {
        // Once waited for in vain, not again before it has moved.
        uint64_t until = cpu_time_us() + BUSY_US_MAX;
        while (!is_stuck && !can_send()) {
            is_stuck = cpu_time_us() >= until;
        }
        if (is_stuck && !can_send()) {
            return;
        }
    }
    is_stuck = false;
    *register_8(registers + DATA) = byte;
}
