// What the bench asks of a machine without an operating system.
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

// Called once, before everything else.
void guest_begin(void);
// How many instructions were retired between start and stop, and a constant.
void guest_start(void);
uint32_t guest_stop(void);
// How many instructions between the two the machine did not have: emulated, and counted as one each.
uint32_t guest_emulated(void);
void guest_write(const char *text, size_t len);
void guest_exit(int status) __attribute__((noreturn));

// The start code calls it on a stack.
void bench_main(void);

#endif
