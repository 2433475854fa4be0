# Start-up, and the only trap handler: nothing here is interrupted and goes on.

    .section .start, "ax"
    .global _start
_start:
    la sp, _stack_end
    la t0, trap
    csrw mtvec, t0
    call protect_memory
    la t0, _bss_start
    la t1, _bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main
3:  j 3b

# Until the next reset: code cannot be written, data cannot be executed, and what lies between and behind them, also below the
# stack, is nobody's (RISC-V privileged architecture, 3.7). Each entry reaches from the address of the one before to its own.
protect_memory:
    la t0, _code_start
    srli t0, t0, 2
    csrw pmpaddr0, t0
    la t0, _code_limit
    srli t0, t0, 2
    csrw pmpaddr1, t0
    la t0, _ram_start
    srli t0, t0, 2
    csrw pmpaddr2, t0
    la t0, _ram_limit
    srli t0, t0, 2
    csrw pmpaddr3, t0
    li t0, -1
    csrw pmpaddr4, t0
    li t0, 0x8b888d00 # locked: 3 read and write, 2 nothing, 1 read and execute
    csrw pmpcfg0, t0
    li t0, 0x88 # 4 nothing
    csrw pmpcfg1, t0
    ret

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
