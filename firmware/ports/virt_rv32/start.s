# Start-up, and the only trap handler: nothing here is interrupted and goes on.

    .section .start, "ax"
    .global _start
_start:
    la sp, _stack_end
    la t0, trap
    csrw mtvec, t0
    la t0, _bss_start
    la t1, _bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
3:  j 3b

# A fault, or the watchdog. On a stack of its own, because the other one may be what is wrong.
    .text
    .balign 4
trap:
    la sp, trap_stack_end
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call cpu_trap
4:  j 4b

    .bss
    .balign 16
    .space 512
trap_stack_end:
