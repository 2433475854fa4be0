# What C cannot say about windows of registers: writing them all to the stack, setjmp() and longjmp(), sleeping.
# All code of ours calls by CALL8; setjmp() counts on it.

# uintptr_t cpu_spill(void): write the registers of all callers to the stack; returns where what they hold begins.
    .section .text.cpu_spill,"ax"
    .p2align 2
    .global cpu_spill
cpu_spill:
    entry a1, 32
# Touching a register makes the window that it still belongs to overflow. There are eight windows of four registers; this
# frame's own one is not touched.
    or a12, a12, a12
    rotw 3
    or a12, a12, a12
    rotw 3
    or a4, a4, a4
    rotw 2
    addi a2, a1, -16
    retw

# int setjmp(jmp_buf): words 0 to 3 are a0 to a3 of the caller, 4 to 7 its a4 to a7, then our return address and our stack
# pointer. That is all: the frames before it stay on the stack as they are for as long as the caller may return to them.
    .section .text.setjmp,"ax"
    .p2align 2
    .global setjmp
setjmp:
    entry a1, 32
    or a12, a12, a12
    rotw 3
    or a12, a12, a12
    rotw 3
    or a4, a4, a4
    rotw 2
    addi a3, a1, -16
    l32i a4, a3, 0
    l32i a5, a3, 4
    l32i a6, a3, 8
    l32i a7, a3, 12
    s32i a4, a2, 0
    s32i a5, a2, 4
    s32i a6, a2, 8
    s32i a7, a2, 12
# a5 is the caller's stack pointer; below it lies the one of the caller's caller, and below that the caller's other registers.
    addi a3, a5, -16
    l32i a3, a3, 4
    addi a3, a3, -32
    l32i a4, a3, 0
    l32i a5, a3, 4
    l32i a6, a3, 8
    l32i a7, a3, 12
    s32i a4, a2, 16
    s32i a5, a2, 20
    s32i a6, a2, 24
    s32i a7, a2, 28
    s32i a0, a2, 32
    s32i a1, a2, 36
    movi a2, 0
    retw

# void longjmp(jmp_buf, int): give up all frames in registers, put the caller of setjmp() back to where an underflow finds it,
# and return there as setjmp() would.
    .section .text.longjmp,"ax"
    .p2align 2
    .global longjmp
longjmp:
    entry a1, 32
    rsr a4, windowbase
    ssl a4
    movi a5, 1
    sll a5, a5
    wsr a5, windowstart
    rsync
    l32i a0, a2, 32
    l32i a1, a2, 36
    addi a8, a1, -16
    l32i a4, a2, 0
    l32i a5, a2, 4
    l32i a6, a2, 8
    l32i a7, a2, 12
    s32i a4, a8, 0
    s32i a5, a8, 4
    s32i a6, a8, 8
    s32i a7, a8, 12
    addi a8, a5, -16
    l32i a8, a8, 4
    addi a8, a8, -32
    l32i a4, a2, 16
    l32i a5, a2, 20
    l32i a6, a2, 24
    l32i a7, a2, 28
    s32i a4, a8, 0
    s32i a5, a8, 4
    s32i a6, a8, 8
    s32i a7, a8, 12
    movi a2, 1
    movnez a2, a3, a3
    retw

# void cpu_wait(uint32_t interrupts): sleep until one of these interrupts is there, or return at once when one already is.
    .section .text.cpu_wait,"ax"
    .p2align 2
    .global cpu_wait
cpu_wait:
    entry a1, 32
    rsr a4, intenable
    or a2, a2, a4
# Masked until WAITI, which sleeps and lets them in in one step: none comes in between and is slept over.
    rsil a3, 1
    wsr a2, intenable
    rsync
    waiti 0
    wsr a4, intenable
    rsync
    retw

# int cpu_host_call(int number, int argument): a system call to QEMU; the assembler has no SIMCALL.
    .section .text.cpu_host_call,"ax"
    .p2align 2
    .global cpu_host_call
cpu_host_call:
    entry a1, 32
    .byte 0x00, 0x51, 0x00
    retw

    .section .note.GNU-stack,"",@progbits
