// Clock, sleep, watchdog and reset on a windowed Xtensa (QEMU's core dc233c).
//
// No interrupt does work. Those of devices and the first timer only end a sleep; the last timer, at a level that nothing masks,
// is the watchdog. The machine has no reset of its own: that is done by a watchdog on the PCI bus (Intel 6300ESB), told to bark at
// once. It has no clock of the day.

#include "cpu.h"

#include "fault.h"
#include "pci.h"
#include "registers.h"
#include "uart.h"

#define TICKS_PER_US 10 // CCOUNT at QEMU's 10 MHz
// CCOUNT wraps after 429 s: what is further away than this is told in steps.
#define TICKS_MAX 0x7f000000u

// Bits of INTERRUPT and INTENABLE (QEMU, target/xtensa/core-dc233c/core-isa.h): the four lines of the PCI bus and two timers.
enum { INTERRUPT_PCI = 0x000f, INTERRUPT_TIMER = 0x0040, INTERRUPT_WATCHDOG = 0x2000 };

enum { PCI_SERIAL = 0x0002 }; // the console: the machine's own one does not interrupt
enum { ESB_DEVICE = 0x25ab, ESB_CONFIG = 0x60, ESB_LOCK = 0x68 }; // configuration space
enum { ESB_NO_INTERRUPT = 3, ESB_MICROSECONDS = 1 << 2, ESB_ENABLE = 1 << 1 };
enum { ESB_TIMER_1 = 0, ESB_TIMER_2 = 4, ESB_RELOAD = 12, ESB_UNLOCK_1 = 0x80, ESB_UNLOCK_2 = 0x86 }; // its range

#define READ_SPECIAL(name)                                                                                             \
    ({                                                                                                                 \
        uint32_t value;                                                                                                \
        __asm volatile("rsr %0, " #name : "=r"(value));                                                                \
        value;                                                                                                         \
    })
#define WRITE_SPECIAL(name, value) __asm volatile("wsr %0, " #name "\n\trsync" : : "r"((uint32_t)(value)) : "memory")

void cpu_wait(uint32_t interrupts);          // windows.s
int cpu_host_call(int number, int argument); // windows.s

static uint64_t now_us;
static uint32_t counted; // CCOUNT at now_us

void cpu_init(void) {
    counted = READ_SPECIAL(ccount);
    pci_init();
    const int slot = pci_find(PCI_VENDOR_QEMU, PCI_SERIAL);
    uart_init(slot < 0 ? 0 : pci_range((unsigned)slot, 0));
}

uint64_t cpu_time_us(void) {
    uint32_t passed_us = (READ_SPECIAL(ccount) - counted) / TICKS_PER_US;
    counted += passed_us * TICKS_PER_US;
    now_us += passed_us;
    return now_us;
}

// Ticks of CCOUNT from `counted` until then; 0: that is past.
static uint32_t ticks_until(uint64_t time_us) {
    uint64_t now = cpu_time_us();
    if (time_us <= now) {
        return 0;
    }
    uint64_t left_us = time_us - now;
    return left_us < TICKS_MAX / TICKS_PER_US ? (uint32_t)left_us * TICKS_PER_US : TICKS_MAX;
}

void cpu_sleep_until(uint64_t time_us) {
    uint32_t ticks = ticks_until(time_us);
    if (ticks == 0) {
        return;
    }
    // Writing it also takes back an interrupt of before.
    WRITE_SPECIAL(ccompare0, counted + ticks);
    // A timer that is set too late would ring after a whole round of CCOUNT.
    if (READ_SPECIAL(ccount) - counted < ticks) {
        cpu_wait(INTERRUPT_PCI | INTERRUPT_TIMER);
    }
}

void cpu_sleep(uint32_t ms) {
    cpu_sleep_until(cpu_time_us() + ms * 1000ull);
}

void cpu_acknowledge(void) {
    // The lines of the bus are levels: nothing is latched.
}

void cpu_set_watchdog(uint64_t time_us) {
    uint32_t enabled = READ_SPECIAL(intenable) & ~(uint32_t)INTERRUPT_WATCHDOG;
    WRITE_SPECIAL(intenable, enabled);
    if (time_us == 0) {
        return;
    }
    uint32_t ticks = ticks_until(time_us);
    WRITE_SPECIAL(ccompare2, counted + ticks);
    if (READ_SPECIAL(ccount) - counted >= ticks) {
        fault_hang(0);
    }
    WRITE_SPECIAL(intenable, enabled | INTERRUPT_WATCHDOG);
}

static void esb_unlock(uintptr_t esb) {
    *register_8(esb + ESB_RELOAD) = ESB_UNLOCK_1;
    *register_8(esb + ESB_RELOAD) = ESB_UNLOCK_2;
}

void cpu_reset(void) {
    int slot = pci_find(PCI_VENDOR_INTEL, ESB_DEVICE);
    if (slot >= 0) {
        uintptr_t esb = pci_range((unsigned)slot, 0);
        uintptr_t config = pci_config((unsigned)slot);
        *register_16(config + ESB_CONFIG) = ESB_NO_INTERRUPT | ESB_MICROSECONDS;
        esb_unlock(esb);
        *register_32(esb + ESB_TIMER_1) = 1;
        esb_unlock(esb);
        *register_32(esb + ESB_TIMER_2) = 1;
        *register_8(config + ESB_LOCK) = ESB_ENABLE;
    }
    for (;;) {
    }
}

void cpu_power_off(int status) {
    cpu_host_call(1, status);
    for (;;) {
    }
}

bool cpu_wall_clock(uint64_t *seconds, uint32_t *nanoseconds) {
    (void)seconds;
    (void)nanoseconds;
    return false;
}

int cpu_console_read(void) {
    return uart_read();
}

void cpu_console_write(uint8_t byte) {
    uart_write(byte);
}
