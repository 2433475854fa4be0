#include "wg_replay.h"

#include <string.h>

#include "wg_keypair.h"

#define WORDS (WG_REPLAY_BITS / WG_REPLAY_WORD_BITS)

void wg_replay_reset(wg_replay_t *replay) {
    memset(replay, 0, sizeof(*replay));
}

// Clear the words between the highest counter so far and a new one: they hold counters a whole ring older.
static void advance(wg_replay_t *replay, uint64_t counter) {
    uint64_t from = replay->next == 0 ? 0 : (replay->next - 1) / WG_REPLAY_WORD_BITS;
    uint64_t steps = counter / WG_REPLAY_WORD_BITS - from;
    if (steps > WORDS) {
        steps = WORDS;
    }
    for (unsigned i = 1; i <= (unsigned)steps; i++) {
        replay->seen[(from + i) % WORDS] = 0;
    }
    replay->next = counter + 1;
}

bool wg_replay_accept(wg_replay_t *replay, uint64_t counter) {
    if (counter >= WG_REJECT_AFTER_MESSAGES) {
        return false;
    }
    if (counter >= replay->next) {
        advance(replay, counter);
    } else if (replay->next - 1 - counter > WG_REPLAY_WINDOW) {
        return false;
    }
    uint64_t *word = &replay->seen[(counter / WG_REPLAY_WORD_BITS) % WORDS];
    uint64_t bit = UINT64_C(1) << (counter % WG_REPLAY_WORD_BITS);
    if ((*word & bit) != 0) {
        return false;
    }
    *word |= bit;
    return true;
}
