// Why the machine started, and how often in a row it crashed: kept over resets in RAM that start-up does not clear.
#ifndef RESET_H
#define RESET_H

#include <stdint.h>

typedef enum {
    RESET_POWER_ON = 0, // nothing was kept
    RESET_REQUEST,      // asked for
    RESET_WATCHDOG,     // the control loop hung
    RESET_CRASH,        // a processor fault, or the device program ended
} reset_cause_t;

// Read what was kept; first thing after start-up.
void reset_init(void);
reset_cause_t reset_cause(void);
// Crashes and watchdog resets since the last reset_healthy().
uint32_t reset_crashes(void);
void reset_healthy(void);

// Keep a cause for after the reset that follows at once. Touches nothing but the kept RAM: for trap handlers too.
void reset_note(reset_cause_t cause);
// Note, and reset.
void reset_now(reset_cause_t cause) __attribute__((noreturn));

#endif
