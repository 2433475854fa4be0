// setjmp() with windows of registers (windows.s). The RISC-V library, whose headers are used otherwise, has another one.
#ifndef SETJMP_H
#define SETJMP_H

typedef unsigned jmp_buf[10];

int setjmp(jmp_buf) __attribute__((returns_twice));
void longjmp(jmp_buf, int) __attribute__((noreturn));

#endif
