#include "check.h"
#include "wg_keypair.h"
#include "wg_replay.h"

// The script is that of WireGuard/wireguard-go, replay/replay_test.go (MIT), which is also Linux's selftest/counter.c.
enum { W = WG_REPLAY_WINDOW, T = W + 1 };
#define L WG_REJECT_AFTER_MESSAGES

static wg_replay_t replay;

TEST(the_script_of_wireguard_go_holds) {
    static const struct {
        uint64_t counter;
        bool accepted;
    } steps[] = {
        {0, true},
        {1, true},
        {1, false},
        {9, true},
        {8, true},
        {7, true},
        {7, false},
        {T, true},
        {T - 1, true},
        {T - 1, false},
        {T - 2, true},
        {2, true},
        {2, false},
        {T + 16, true},
        {3, false},
        {T + 16, false},
        {T * 4, true},
        {T * 4 - (T - 1), true},
        {10, false},
        {T * 4 - T, false},
        {T * 4 - (T + 1), false},
        {T * 4 - (T - 2), true},
        {T * 4 + 1 - T, false},
        {0, false},
        {L, false},
        {L - 1, true},
        {L, false},
        {L - 1, false},
        {L - 2, true},
        {L + 1, false},
        {L + 2, false},
        {L - 2, false},
        {L - 3, true},
        {0, false},
    };
    wg_replay_reset(&replay);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (wg_replay_accept(&replay, steps[i].counter) != steps[i].accepted) {
            printf("step %zu, counter %" PRIu64 "\n", i, steps[i].counter);
            CHECK(false);
        }
    }
}

static void accept_upwards(uint64_t from, uint64_t to) {
    for (uint64_t counter = from; counter <= to; counter++) {
        CHECK(wg_replay_accept(&replay, counter));
    }
}

static void accept_downwards(uint64_t from, uint64_t to) {
    for (uint64_t counter = from + 1; counter-- > to;) {
        CHECK(wg_replay_accept(&replay, counter));
    }
}

TEST(bulk_one_to_the_window_then_zero_once) {
    wg_replay_reset(&replay);
    accept_upwards(1, W);
    CHECK(wg_replay_accept(&replay, 0));
    CHECK(!wg_replay_accept(&replay, 0));
}

TEST(bulk_two_to_past_the_window_then_one_but_not_zero) {
    wg_replay_reset(&replay);
    accept_upwards(2, T);
    CHECK(wg_replay_accept(&replay, 1));
    CHECK(!wg_replay_accept(&replay, 0));
}

TEST(bulk_downwards) {
    wg_replay_reset(&replay);
    accept_downwards(T, 1);
    wg_replay_reset(&replay);
    accept_downwards(T + 1, 2);
    CHECK(!wg_replay_accept(&replay, 0));
}

TEST(bulk_downwards_then_a_jump) {
    wg_replay_reset(&replay);
    accept_downwards(W, 1);
    CHECK(wg_replay_accept(&replay, T));
    CHECK(!wg_replay_accept(&replay, 0));
    wg_replay_reset(&replay);
    accept_downwards(W, 1);
    CHECK(wg_replay_accept(&replay, 0));
    CHECK(wg_replay_accept(&replay, T));
}

TEST(counters_a_multiple_of_2_to_the_32_apart_are_told_apart) {
    wg_replay_reset(&replay);
    CHECK(wg_replay_accept(&replay, 5));
    CHECK(wg_replay_accept(&replay, (UINT64_C(1) << 32) + 5));
    for (uint64_t old = 0; old < 10; old++) {
        CHECK(!wg_replay_accept(&replay, old));
    }
    CHECK(wg_replay_accept(&replay, (UINT64_C(1) << 32) + 4));
    CHECK(wg_replay_accept(&replay, (UINT64_C(7) << 40) + 5));
    CHECK(!wg_replay_accept(&replay, (UINT64_C(1) << 32) + 6));
}

TEST(the_first_counter_may_be_any) {
    wg_replay_reset(&replay);
    CHECK(wg_replay_accept(&replay, L - 1));
    CHECK(!wg_replay_accept(&replay, 0));
    wg_replay_reset(&replay);
    CHECK(wg_replay_accept(&replay, 100000));
    CHECK(wg_replay_accept(&replay, 100000 - W));
    CHECK(!wg_replay_accept(&replay, 100000 - T));
}

// Against a list of every counter that was accepted. Jumps of all sizes make the ring wrap at every alignment.
TEST(the_window_equals_a_plain_list) {
    enum { SPAN = 1 << 20 };
    static bool seen[SPAN];
    uint64_t state = 1;
    for (unsigned round = 0; round < 8; round++) {
        memset(seen, 0, sizeof(seen));
        wg_replay_reset(&replay);
        uint64_t highest = 0;
        for (unsigned i = 0; i < 30000; i++) {
            uint64_t choice = check_random(&state);
            uint64_t counter = highest + choice % 40;
            if (choice % 16 == 0) {
                counter = highest + (choice >> 8) % (2 * (uint64_t)W);
            } else if (choice % 2 == 0) {
                uint64_t back = (choice >> 8) % (W + 200);
                counter = back <= highest ? highest - back : 0;
            }
            if (counter >= SPAN) {
                break;
            }
            bool expected = !seen[counter] && counter + W >= highest;
            CHECK_EQ(wg_replay_accept(&replay, counter), expected);
            if (expected) {
                seen[counter] = true;
                highest = counter > highest ? counter : highest;
            }
        }
        CHECK(highest > 4 * (uint64_t)W);
    }
}
