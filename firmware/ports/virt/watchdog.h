// Resets the box when its control loop hangs.
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <stdint.h>

// From now on watchdog_feed() must be called at least that often; 0: never again.
void watchdog_start(uint32_t timeout_ms);
void watchdog_feed(void);

#endif
