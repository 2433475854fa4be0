# From reset to main(). QEMU begins at the reset vector, not at the entry of the file, after a reset as at first; it has put the
# file's contents into memory again, so that data has its first values.

    .section .reset,"ax"
    j reset
    .p2align 2
address_of_start:
    .long _start
reset:
    l32r a0, address_of_start
    jx a0

    .section .literal._start,"ax"
    .p2align 2
address_of_vectors:
    .long vectors
address_of_stack:
    .long _stack_end - 64
address_of_bss:
    .long _bss_start
address_of_bss_end:
    .long _bss_end
address_of_main:
    .long main
# Register windows on, no exception, every interrupt level open; which ones come is INTENABLE's business.
first_ps:
    .long 0x00040000

    .section .text._start,"ax"
    .p2align 2
    .global _start
_start:
    movi a0, 0
    wsr a0, intenable
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
    l32r a2, address_of_bss
    l32r a3, address_of_bss_end
    movi a4, 0
clear:
    bgeu a2, a3, cleared
    s32i a4, a2, 0
    addi a2, a2, 4
    j clear
cleared:
# The first frame, too, needs a caller's stack pointer below its own: an overflow saves the rest of the frame there.
    l32r a1, address_of_stack
    addi a2, a1, 64
    addi a3, a1, -16
    s32i a2, a3, 4
    l32r a2, address_of_main
    callx8 a2
    ill

    .section .note.GNU-stack,"",@progbits
