# Start code, window vectors and system calls for QEMU's `sim` board with the core dc233c, and MULUH, which the core lacks.
# Written for llvm-mc, which has no SIMCALL.

    .section .vectors,"ax"
    .p2align 10
vectors:
    .include "window_vectors.inc"
# Exceptions while in kernel mode, as all of this is.
    .org 0x300
    j exception

    .org 0x400
    .p2align 2
address_of_saved:
    .long saved
address_of_count:
    .long muluh_count

# MULUH ar, as, at is the bits A 2 r s t 0, from the highest. All registers go to memory, the product is made there, and
# all come back: every MULUH costs the same number of instructions, whatever its registers and factors.
exception:
    wsr a0, excsave1
    rsr a0, exccause
    bnez a0, crash
    rsr a0, epc1
    wsr a0, excsave2
# A register of ours may still hold one of an older frame, as MULUH did not get as far as to ask for its window: ask.
    rsr a0, ps
    wsr a0, excsave3
    addi a0, a0, -16
    wsr a0, ps
    rsync
    or a15, a15, a15
    rsr a0, excsave3
    wsr a0, ps
    rsync
    l32r a0, address_of_saved
    s32i a1, a0, 4
    s32i a2, a0, 8
    s32i a3, a0, 12
    s32i a4, a0, 16
    s32i a5, a0, 20
    s32i a6, a0, 24
    s32i a7, a0, 28
    s32i a8, a0, 32
    s32i a9, a0, 36
    s32i a10, a0, 40
    s32i a11, a0, 44
    s32i a12, a0, 48
    s32i a13, a0, 52
    s32i a14, a0, 56
    s32i a15, a0, 60
    rsr a1, excsave1
    s32i a1, a0, 0
    rsr a1, sar
    s32i a1, a0, 64
# The instruction, by bytes, as it may lie at any address.
    rsr a2, excsave2
    addi a1, a2, 3
    wsr a1, epc1
    l8ui a3, a2, 0
    l8ui a4, a2, 1
    l8ui a5, a2, 2
    extui a6, a3, 0, 4
    bnez a6, crash
    movi a6, 0xa2
    sub a6, a6, a5
    bnez a6, crash
    extui a3, a3, 4, 4
    addx4 a3, a3, a0
    l32i a3, a3, 0
    extui a5, a4, 0, 4
    addx4 a5, a5, a0
    l32i a5, a5, 0
    extui a4, a4, 4, 4
    addx4 a4, a4, a0
# The high word of a3 * a5, from halves.
    extui a6, a3, 0, 16
    extui a7, a3, 16, 16
    extui a8, a5, 0, 16
    extui a9, a5, 16, 16
    mull a10, a6, a8
    mull a11, a7, a8
    mull a12, a6, a9
    mull a13, a7, a9
    extui a10, a10, 16, 16
    add a10, a10, a11
    extui a14, a10, 0, 16
    add a14, a14, a12
    extui a10, a10, 16, 16
    extui a14, a14, 16, 16
    add a13, a13, a10
    add a13, a13, a14
    s32i a13, a4, 0
    l32r a1, address_of_count
    l32i a2, a1, 0
    addi a2, a2, 1
    s32i a2, a1, 0
    l32i a1, a0, 64
    wsr a1, sar
    l32i a1, a0, 4
    l32i a2, a0, 8
    l32i a3, a0, 12
    l32i a4, a0, 16
    l32i a5, a0, 20
    l32i a6, a0, 24
    l32i a7, a0, 28
    l32i a8, a0, 32
    l32i a9, a0, 36
    l32i a10, a0, 40
    l32i a11, a0, 44
    l32i a12, a0, 48
    l32i a13, a0, 52
    l32i a14, a0, 56
    l32i a15, a0, 60
    l32i a0, a0, 0
    rfe

# Anything else is a fault of the bench: leave with the cause as the status.
crash:
    rsr a3, exccause
    addi a3, a3, 64
    movi a2, 1
    .byte 0x00, 0x51, 0x00
    j crash

    .bss
    .p2align 2
saved:
    .space 68
    .global muluh_count
muluh_count:
    .space 4

    .section .text._start,"ax"
    .p2align 2
address_of_vectors:
    .long vectors
address_of_stack:
    .long stack_end
address_of_main:
    .long bench_main
first_ps:
    .long 0x0004000f
    .global _start
    .p2align 2
_start:
    movi a0, 0
    wsr a0, windowbase
    rsync
    movi a2, 1
    wsr a2, windowstart
    rsync
    l32r a2, address_of_vectors
    wsr a2, vecbase
    l32r a2, first_ps
    wsr a2, ps
    rsync
# The first frame needs a caller's stack pointer below it, where an overflow saves the rest of a frame.
    l32r a1, address_of_stack
    mov a2, a1
    addi a1, a1, -64
    addi a3, a1, -16
    s32i a2, a3, 4
    l32r a2, address_of_main
    callx8 a2

# void xtensa_write(const char *text, size_t len)
    .section .text.xtensa_write,"ax"
    .global xtensa_write
    .p2align 2
xtensa_write:
    entry a1, 32
    mov a5, a3
    mov a4, a2
    movi a3, 1
    movi a2, 4
    .byte 0x00, 0x51, 0x00
    retw

# void xtensa_exit(int status)
    .section .text.xtensa_exit,"ax"
    .global xtensa_exit
    .p2align 2
xtensa_exit:
    entry a1, 32
    mov a3, a2
    movi a2, 1
    .byte 0x00, 0x51, 0x00
    retw
