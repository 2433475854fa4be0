// The console's wires: a 16550, which each board has at another place.
#ifndef UART_H
#define UART_H

#include <stdint.h>

// registers: where its eight are, a byte each; 0: there is no console. It interrupts when bytes have come.
void uart_init(uintptr_t registers);
// One byte, or -1 when there is none.
int uart_read(void);
// Waits while the wire is busy, but not for ever: what nobody takes is dropped.
void uart_write(uint8_t byte);

#endif
