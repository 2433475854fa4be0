#include "watchdog.h"

#include "cpu.h"

static uint32_t period_ms;

void watchdog_start(uint32_t timeout_ms) {
    period_ms = timeout_ms;
    watchdog_feed();
}

void watchdog_feed(void) {
    cpu_set_watchdog(period_ms == 0 ? 0 : cpu_time_us() + period_ms * 1000ull);
}
