// A 16550 on the PCI bus (QEMU's pci-serial): the console, because it interrupts, which the machine's own console does not.
#ifndef UART_H
#define UART_H

#include <stdint.h>

void uart_init(void);
// One byte, or -1 when there is none.
int uart_read(void);
// Waits while the wire is busy, but not for ever: what nobody takes is dropped.
void uart_write(uint8_t byte);

#endif
