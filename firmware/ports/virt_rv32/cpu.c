// Clock, sleep, watchdog, console and reset of QEMU's `virt` machine (hw/riscv/virt.c).
//
// No interrupt does work. Those of devices only end a sleep: they are enabled, but not taken. The machine's timer ends a sleep
// too, and outside of sleeps it is the watchdog, the one interrupt that is taken.

#include "cpu.h"

#include "fault.h"
#include "uart.h"

#define TEST 0x00100000u // SiFive's test finisher
#define RTC 0x00101000u  // goldfish
#define TIMER 0x02004000u
#define PLIC_PRIORITY 0x0c000000u
#define PLIC_ENABLE 0x0c002000u
#define PLIC_THRESHOLD 0x0c200000u
#define PLIC_CLAIM 0x0c200004u
#define UART 0x10000000u // 16550A

enum { TEST_PASS = 0x5555, TEST_FAIL = 0x3333, TEST_RESET = 0x7777 };
enum { INTERRUPT_VIRTIO_FIRST = 1, INTERRUPT_UART = 10 };
enum { MIE_TIMER = 1 << 7, MIE_EXTERNAL = 1 << 11, MSTATUS_MIE = 1 << 3 };
#define CAUSE_INTERRUPT 0x80000000u

#define TICKS_PER_US 10
#define NEVER UINT64_MAX

#define REGISTER32(address) (*(volatile uint32_t *)(address))

static uint64_t watchdog_ticks = NEVER;

static uint64_t read_ticks(void) {
    uint32_t high, low, again;
    do {
        __asm volatile("rdtimeh %0\n\trdtime %1\n\trdtimeh %2" : "=r"(high), "=r"(low), "=r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}

// Never too early in between: first to the far future, then the low word.
static void set_timer(uint64_t ticks) {
    REGISTER32(TIMER + 4) = UINT32_MAX;
    REGISTER32(TIMER) = (uint32_t)ticks;
    REGISTER32(TIMER + 4) = (uint32_t)(ticks >> 32);
}

void cpu_init(void) {
    uart_init(UART);
    for (uint32_t i = INTERRUPT_VIRTIO_FIRST; i <= INTERRUPT_UART; i++) {
        REGISTER32(PLIC_PRIORITY + 4 * i) = 1;
    }
    REGISTER32(PLIC_ENABLE) = (2u << INTERRUPT_UART) - (1u << INTERRUPT_VIRTIO_FIRST);
    REGISTER32(PLIC_THRESHOLD) = 0;
    set_timer(NEVER);
    __asm volatile("csrw mie, %0\n\tcsrs mstatus, %1" : : "r"(MIE_TIMER), "r"(MSTATUS_MIE));
}

uint64_t cpu_time_us(void) {
    // A division of 64 bits costs hundreds of instructions.
    static uint64_t last_ticks, last_us;
    const uint64_t since = read_ticks() - last_ticks;
    if (since <= UINT32_MAX) {
        const uint32_t since_us = (uint32_t)since / TICKS_PER_US;
        last_us += since_us;
        last_ticks += since_us * TICKS_PER_US;
    } else {
        last_us += since / TICKS_PER_US;
        last_ticks += since / TICKS_PER_US * TICKS_PER_US;
    }
    return last_us;
}

static void sleep_until_ticks(uint64_t ticks) {
    __asm volatile("csrc mstatus, %0" : : "r"(MSTATUS_MIE));
    set_timer(ticks < watchdog_ticks ? ticks : watchdog_ticks);
    __asm volatile("csrs mie, %0\n\twfi\n\tcsrc mie, %0" : : "r"(MIE_EXTERNAL) : "memory");
    set_timer(watchdog_ticks);
    __asm volatile("csrs mstatus, %0" : : "r"(MSTATUS_MIE));
}

void cpu_sleep_until(uint64_t time_us) {
    sleep_until_ticks(time_us * TICKS_PER_US);
}

void cpu_sleep(uint32_t ms) {
    sleep_until_ticks(read_ticks() + (uint64_t)ms * (1000 * TICKS_PER_US));
}

void cpu_acknowledge(void) {
    for (uint32_t interrupt; (interrupt = REGISTER32(PLIC_CLAIM)) != 0;) {
        REGISTER32(PLIC_CLAIM) = interrupt;
    }
}

void cpu_set_watchdog(uint64_t time_us) {
    watchdog_ticks = time_us == 0 ? NEVER : time_us * TICKS_PER_US;
    set_timer(watchdog_ticks);
}

void cpu_reset(void) {
    REGISTER32(TEST) = TEST_RESET;
    for (;;) {
    }
}

void cpu_power_off(int status) {
    REGISTER32(TEST) = status == 0 ? TEST_PASS : (uint32_t)status << 16 | TEST_FAIL;
    for (;;) {
    }
}

bool cpu_wall_clock(uint64_t *seconds, uint32_t *nanoseconds) {
    const uint32_t low = REGISTER32(RTC); // latches the high word
    const uint64_t now = (uint64_t)REGISTER32(RTC + 4) << 32 | low;
    *seconds = now / 1000000000u;
    *nanoseconds = (uint32_t)(now % 1000000000u);
    return true;
}

int cpu_console_read(void) {
    return uart_read();
}

void cpu_console_write(uint8_t byte) {
    uart_write(byte);
}

// Called by start.s on a stack of its own.
void cpu_trap(uint32_t cause, uint32_t pc, uint32_t address);

void cpu_trap(uint32_t cause, uint32_t pc, uint32_t address) {
    if ((cause & CAUSE_INTERRUPT) != 0) {
        fault_hang(pc);
    }
    fault_exception(cause, pc, address);
}
