// Why the machine started, how often in a row it crashed, and what it said at the last of them: kept over resets in RAM that
// start-up does not clear.
#ifndef RESET_H
#define RESET_H

#include <stddef.h>
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
// What was said at the crash or hang that this start comes from; nothing: it comes from none.
const char *reset_last_words(size_t *len);

// Keep a cause for after the reset that follows at once. Touches nothing but the kept RAM: for trap handlers too.
void reset_note(reset_cause_t cause);
// After reset_note(): also keep a byte of what is said, if it is plain ASCII. Touches nothing else either.
void reset_say(uint8_t byte);
// Note, and reset.
void reset_now(reset_cause_t cause) __attribute__((noreturn));

#endif
