# Where the processor goes by itself: windows of registers that are full or gone, exceptions, interrupts.

    .section .vectors,"ax"
    .p2align 10
    .global vectors
vectors:

    .include "window_vectors.inc"

# The watchdog's timer, at a level that nothing of ours masks, not even an exception.
    .org 0x240
    j watchdog

# Exceptions and interrupts of level 1, in kernel mode, as all of this is.
    .org 0x300
    j exception
    .org 0x340
    j exception
# An exception inside one.
    .org 0x3c0
    j fault

    .section .literal.exception,"ax"
    .p2align 2
address_of_exception:
    .long fault_exception
address_of_hang:
    .long fault_hang
address_of_fault_stack:
    .long _fault_stack_end - 64
# Register windows on, and no interrupt but a non-maskable one.
fault_ps:
    .long 0x00040005

    .section .text.exception,"ax"
    .p2align 2
exception:
    wsr a0, excsave1
    rsr a0, exccause
    beqi a0, 4, interrupt
    bnei a0, 5, fault

# MOVSP (alloca) found its caller's frame in memory instead of in registers. Go on as the return to that frame would: as an
# underflow, which loads it and then tries MOVSP again.
    wsr a2, excsave2
    wsr a3, excsave3
    rsr a2, ps
    rsr a3, windowbase
    extui a0, a2, 8, 4
    xor a0, a0, a3
    slli a0, a0, 8
    xor a2, a2, a0
    wsr a2, ps
    rsr a3, excsave3
    rsr a2, excsave2
    rsr a0, excsave1
    rsync
    bbci a0, 31, called_with_4
    bbci a0, 30, called_with_8
    rotw -3
    j underflow12
called_with_4:
    rotw -1
    j underflow4
called_with_8:
    rotw -2
    j underflow8

# An interrupt is there to end cpu_wait() and for nothing else: devices are looked after by polling. The watchdog's stays on.
interrupt:
    rsr a0, intenable
    srli a0, a0, 8
    slli a0, a0, 8
    wsr a0, intenable
    rsr a0, excsave1
    rfe

# Anything else is an error of the firmware.
fault:
    l32r a0, address_of_exception
    j give_up
watchdog:
    rsr a0, epc5
    wsr a0, exccause
    l32r a0, address_of_hang
# Call a0 with the cause, the program counter and the address on a stack of its own, and with it give up what was going on.
give_up:
    wsr a0, excsave4
    movi a0, 0
    wsr a0, windowbase
    rsync
    movi a0, 1
    wsr a0, windowstart
    rsync
    l32r a1, address_of_fault_stack
    addi a2, a1, 64
    addi a3, a1, -16
    s32i a2, a3, 4
    rsr a10, exccause
    rsr a11, epc1
    rsr a12, excvaddr
    l32r a0, fault_ps
    wsr a0, ps
    rsync
    movi a0, 0
    rsr a3, excsave4
    callx8 a3

    .section .note.GNU-stack,"",@progbits
