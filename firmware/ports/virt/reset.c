#include "reset.h"

#include "cpu.h"

#define MAGIC 0x7574b0c5u
#define WORDS_MAX 108

typedef struct {
    uint32_t magic;
    uint32_t cause;
    uint32_t crashes;
    uint32_t check; // RAM after power-on holds anything
    uint32_t words_len;
    char words[WORDS_MAX];
} kept_t;

_Static_assert(sizeof(kept_t) == 128, "KEPT_LEN in the boards' linker scripts");

// Its place is the linker script's: in no segment of the ELF file, because QEMU writes those anew at a reset.
extern volatile kept_t reset_kept;

static reset_cause_t cause;

static uint32_t check_of(uint32_t noted, uint32_t crashes) {
    return ~(MAGIC ^ (noted << 24) ^ crashes);
}

static void keep(uint32_t noted, uint32_t crashes) {
    reset_kept.magic = MAGIC;
    reset_kept.cause = noted;
    reset_kept.crashes = crashes;
    reset_kept.check = check_of(noted, crashes);
}

static uint32_t kept_crashes(void) {
    const uint32_t crashes = reset_kept.crashes;
    return reset_kept.magic == MAGIC && reset_kept.check == check_of(reset_kept.cause, crashes) ? crashes : 0;
}

void reset_init(void) {
    const uint32_t noted = reset_kept.cause;
    const uint32_t crashes = kept_crashes();
    const bool whole = reset_kept.magic == MAGIC && reset_kept.check == check_of(noted, crashes);
    cause = whole && noted <= RESET_CRASH ? (reset_cause_t)noted : RESET_POWER_ON;
    if (!whole) {
        reset_kept.words_len = 0;
    }
    // Whatever resets the machine without a note is somebody's wish.
    keep(RESET_REQUEST, crashes);
}

reset_cause_t reset_cause(void) {
    return cause;
}

uint32_t reset_crashes(void) {
    return kept_crashes();
}

void reset_healthy(void) {
    keep(RESET_REQUEST, 0);
}

const char *reset_last_words(size_t *len) {
    const bool crashed = cause == RESET_WATCHDOG || cause == RESET_CRASH;
    *len = crashed && reset_kept.words_len <= WORDS_MAX ? reset_kept.words_len : 0;
    return (const char *)reset_kept.words;
}

void reset_note(reset_cause_t noted) {
    const uint32_t crashes = kept_crashes();
    reset_kept.words_len = 0;
    keep(noted, noted == RESET_WATCHDOG || noted == RESET_CRASH ? crashes + 1 : crashes);
}

void reset_say(uint8_t byte) {
    const uint32_t len = reset_kept.words_len;
    if (len < WORDS_MAX && byte >= ' ' && byte <= '~') {
        reset_kept.words[len] = (char)byte;
        reset_kept.words_len = len + 1;
    }
}

void reset_now(reset_cause_t noted) {
    reset_note(noted);
    cpu_reset();
}
