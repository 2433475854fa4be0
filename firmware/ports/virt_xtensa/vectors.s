# Where the processor goes by itself: windows of registers that are full or gone, exceptions, interrupts. The code of the six
# window handlers and their places are laid down by the instruction set (Xtensa ISA Reference Manual, Windowed Register Option).

    .section .vectors,"ax"
    .p2align 10
    .global vectors
vectors:

# Overflow: save a frame of 4, 8 or 12 registers. Its first four lie below the stack pointer of the frame that it called, the
# others at the end of its own, which is found through its caller's.
    s32e a0, a5, -16
    s32e a1, a5, -12
    s32e a2, a5, -8
    s32e a3, a5, -4
    rfwo
    .org 0x40
underflow4:
    l32e a0, a5, -16
    l32e a1, a5, -12
    l32e a2, a5, -8
    l32e a3, a5, -4
    rfwu
    .org 0x80
    s32e a0, a9, -16
    l32e a0, a1, -12
    s32e a1, a9, -12
    s32e a2, a9, -8
    s32e a3, a9, -4
    s32e a4, a0, -32
    s32e a5, a0, -28
    s32e a6, a0, -24
    s32e a7, a0, -20
    rfwo
    .org 0xc0
underflow8:
    l32e a0, a9, -16
    l32e a1, a9, -12
    l32e a2, a9, -8
    l32e a7, a1, -12
    l32e a3, a9, -4
    l32e a4, a7, -32
    l32e a5, a7, -28
    l32e a6, a7, -24
    l32e a7, a7, -20
    rfwu
    .org 0x100
    s32e a0, a13, -16
    l32e a0, a1, -12
    s32e a1, a13, -12
    s32e a2, a13, -8
    s32e a3, a13, -4
    s32e a4, a0, -48
    s32e a5, a0, -44
    s32e a6, a0, -40
    s32e a7, a0, -36
    s32e a8, a0, -32
    s32e a9, a0, -28
    s32e a10, a0, -24
    s32e a11, a0, -20
    rfwo
    .org 0x140
underflow12:
    l32e a0, a13, -16
    l32e a1, a13, -12
    l32e a2, a13, -8
    l32e a11, a1, -12
    l32e a3, a13, -4
    l32e a4, a11, -48
    l32e a5, a11, -44
    l32e a6, a11, -40
    l32e a7, a11, -36
    l32e a8, a11, -32
    l32e a9, a11, -28
    l32e a10, a11, -24
    l32e a11, a11, -20
    rfwu

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
