// The replay window against a plain list of all counters accepted.

#include "fuzz_input.h"
#include "wg_keypair.h"
#include "wg_replay.h"

#define MOST 2048

static bool accept_plainly(uint64_t *accepted, size_t *count, uint64_t *highest, uint64_t counter) {
    if (counter >= WG_REJECT_AFTER_MESSAGES) {
        return false;
    }
    if (*count > 0 && *highest > counter && *highest - counter > WG_REPLAY_WINDOW) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        if (accepted[i] == counter) {
            return false;
        }
    }
    if (*count == 0 || counter > *highest) {
        *highest = counter;
    }
    accepted[(*count)++] = counter;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    static uint64_t accepted[MOST];
    size_t count = 0;
    uint64_t highest = 0, counter = 0;
    wg_replay_t replay;
    wg_replay_reset(&replay);
    while (input.len > 0 && count < MOST) {
        uint8_t op = fuzz_u8(&input);
        uint64_t step = (op & 0x30) == 0x30 ? (uint64_t)fuzz_u16(&input) << (op & 0xf) : (uint64_t)(op & 0xf);
        if (op & 0x80) {
            counter -= step;
        } else if (op & 0x40) {
            counter = highest + step;
        } else {
            counter += step;
        }
        if (op == 0xff) {
            counter = UINT64_MAX - fuzz_u16(&input);
        }
        bool expected = accept_plainly(accepted, &count, &highest, counter);
        FUZZ_CLAIM(wg_replay_accept(&replay, counter) == expected);
    }
    return 0;
}
