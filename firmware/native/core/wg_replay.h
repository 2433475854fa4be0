// The window of received counters (RFC 6479): so many packets back are told apart.
#ifndef WG_REPLAY_H
#define WG_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

// A board keeps fewer (2048): that is what the paper has, and far more than can overtake each other on its uplink.
#ifndef WG_REPLAY_BITS
#define WG_REPLAY_BITS 8192
#endif
#define WG_REPLAY_WORD_BITS 64
#define WG_REPLAY_WINDOW (WG_REPLAY_BITS - WG_REPLAY_WORD_BITS)

typedef struct {
    uint64_t next; // one more than the highest counter accepted
    uint64_t seen[WG_REPLAY_BITS / WG_REPLAY_WORD_BITS];
} wg_replay_t;

void wg_replay_reset(wg_replay_t *replay);

// Accept a counter once. False: seen before, older than the window, or not below REJECT_AFTER_MESSAGES. Call only after the
// packet that carries it was authenticated.
bool wg_replay_accept(wg_replay_t *replay, uint64_t counter);

#endif
