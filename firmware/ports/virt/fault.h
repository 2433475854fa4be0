// The end of a firmware that went wrong: one line on the console, and a reset.
#ifndef FAULT_H
#define FAULT_H

#include <stdint.h>

// An exception of the processor; the numbers are its own.
void fault_exception(uint32_t cause, uint32_t pc, uint32_t address) __attribute__((noreturn));
// The watchdog ended a hang at pc.
void fault_hang(uint32_t pc) __attribute__((noreturn));

#endif
