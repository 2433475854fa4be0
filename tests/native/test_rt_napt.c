// with: router
// Ports, filtering, lifetimes, and who has to give when the table is full.

#include "check.h"
#include "rt_lab.h"

static lab_t lab;

static void open_lab(void) {
    CHECK(lab_open(&lab));
}

static uint16_t outer_port(uint32_t source, uint16_t source_port, uint32_t destination, uint16_t destination_port) {
    CHECK_EQ(lab_udp_out(&lab, source, source_port, destination, destination_port), RT_OK);
    return source_port_of(lab.packet);
}

TEST(a_client_keeps_its_port_when_it_is_free) {
    open_lab();
    CHECK_EQ(outer_port(client(2), 40000, LAB_SERVER, 1), 40000);
    CHECK_EQ(outer_port(client(2), 123, LAB_SERVER, 1), 123);
    CHECK_EQ(lab_tcp_out(&lab, client(3), 40000, (segment_t){.flags = SYN}), RT_OK);
    CHECK_EQ(source_port_of(lab.packet), 40000); // TCP's ports are others
    for (uint16_t port = 1; port < 1000; port++) {
        const uint8_t seed[RT_SEED_LEN] = {(uint8_t)port, (uint8_t)(port >> 8)};
        rt_seed(&lab.router, seed); // whatever the buckets of the two
        CHECK_EQ(outer_port(client(2), port, LAB_SERVER, 1), port);
        CHECK_EQ(lab_tcp_out(&lab, client(3), port, (segment_t){.flags = SYN}), RT_OK);
        CHECK_EQ(source_port_of(lab.packet), port);
    }
}

TEST(two_clients_with_one_port_get_two) {
    open_lab();
    uint16_t first = outer_port(client(2), 40000, LAB_SERVER, 1);
    uint16_t second = outer_port(client(3), 40000, LAB_SERVER, 1);
    CHECK(first != second);
    CHECK(second >= 1024);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, first), RT_OK);
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, second), RT_OK);
    CHECK_EQ(destination_of(lab.packet), client(3));
    CHECK_EQ(destination_port_of(lab.packet), 40000);
}

TEST(chosen_ports_cannot_be_foreseen) {
    open_lab();
    uint16_t seen[2][6];
    for (int run = 0; run < 2; run++) {
        const uint8_t seed[RT_SEED_LEN] = {(uint8_t)(run + 1)};
        rt_seed(&lab.router, seed);
        for (uint8_t i = 0; i < 6; i++) {
            seen[run][i] = outer_port((client)((uint8_t)(2 + i)), 40000, LAB_SERVER, 1);
        }
    }
    for (int i = 1; i < 6; i++) {
        CHECK(seen[0][i] != seen[1][i]);
        CHECK((uint16_t)(seen[0][i] - seen[0][i - 1]) > 1);
    }
}

TEST(one_port_of_a_client_is_one_port_outside_whoever_it_speaks_with) {
    open_lab();
    outer_port(client(3), 40000, LAB_SERVER, 1);
    uint16_t port = outer_port(client(2), 40000, LAB_SERVER, 1);
    CHECK_EQ(outer_port(client(2), 40000, LAB_OTHER, 1), port);
    CHECK_EQ(outer_port(client(2), 40000, LAB_SERVER, 2), port);
    CHECK_EQ(rt_flows_of(&lab.router, client(2), lab.now_ms), 3);
}

TEST(a_flow_ends_after_its_silence) {
    const struct {
        uint8_t answered;
        uint32_t seconds;
    } lives[] = {{0, 180}, {1, 180}};
    for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
        for (int late = 0; late < 2; late++) {
            open_lab();
            uint16_t port = outer_port(client(2), 40000, LAB_SERVER, 1);
            if (lives[i].answered) {
                CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, port), RT_OK);
            }
            lab.now_ms += lives[i].seconds * 1000 + (late ? 1000 : 0) - 500;
            CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, port), late ? RT_DROP_NO_FLOW : RT_OK);
        }
    }
}

TEST(an_echo_waits_a_minute) {
    for (int late = 0; late < 2; late++) {
        open_lab();
        lab.len = write_echo(lab.packet, client(2), LAB_SERVER, false, 77, 8);
        CHECK_EQ(lab_out(&lab), RT_OK);
        lab.now_ms += late ? 60500 : 59500;
        lab.len = write_echo(lab.packet, LAB_SERVER, LAB_TUNNEL, true, 77, 8);
        CHECK_EQ(lab_in(&lab), late ? RT_DROP_NO_FLOW : RT_OK);
    }
}

TEST(traffic_keeps_a_flow_alive) {
    open_lab();
    uint16_t port = outer_port(client(2), 40000, LAB_SERVER, 1);
    for (int i = 0; i < 20; i++) {
        lab.now_ms += 170000;
        CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, port), RT_OK);
        lab.now_ms += 170000;
        CHECK_EQ(outer_port(client(2), 40000, LAB_SERVER, 1), port);
    }
}

TEST(the_clock_may_have_run_for_years) {
    open_lab();
    lab.now_ms = UINT64_C(20) * 365 * 86400 * 1000;
    uint16_t port = outer_port(client(2), 40000, LAB_SERVER, 1);
    lab.now_ms += 100000;
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, port), RT_OK);
}

static void fill(uint32_t who, int count) {
    for (int i = 0; i < count; i++) {
        CHECK_EQ(lab_udp_out(&lab, who, (uint16_t)(20000 + i), LAB_SERVER, 1), RT_OK);
    }
}

TEST(a_full_table_takes_from_the_client_that_has_most) {
    open_lab();
    uint16_t port = outer_port(client(2), 30000, LAB_SERVER, 1);
    fill(client(3), 200);
    CHECK_EQ(rt_flows_of(&lab.router, client(3), lab.now_ms), LAB_FLOWS - 1);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, port), RT_OK);
    CHECK_EQ(destination_of(lab.packet), client(2));
    for (uint16_t i = 0; i < LAB_FLOWS / 2 - 1; i++) {
        CHECK_EQ(lab_udp_out(&lab, client(2), (uint16_t)(40000 + i), LAB_SERVER, 1), RT_OK);
    }
    CHECK_EQ(rt_flows_of(&lab.router, client(2), lab.now_ms), LAB_FLOWS / 2);
    fill(client(3), 200);
    CHECK_EQ(rt_flows_of(&lab.router, client(2), lab.now_ms), LAB_FLOWS / 2);
    CHECK(table_is_sound(&lab.router.napt));
}

TEST(every_client_gets_its_share_however_many_flows_the_others_want) {
    open_lab();
    for (uint8_t n = 2; n < 2 + LAB_CLIENTS; n++) {
        fill(client(n), 300);
    }
    for (int round = 0; round < 50; round++) {
        fill(client(2), 64);
        CHECK_EQ(lab_udp_out(&lab, client(9), (uint16_t)(50000 + round), LAB_SERVER, 1), RT_OK);
    }
    for (uint8_t n = 2; n < 2 + LAB_CLIENTS; n++) {
        uint16_t flows = rt_flows_of(&lab.router, client(n), lab.now_ms);
        CHECK(flows >= LAB_FLOWS / LAB_CLIENTS && flows <= LAB_FLOWS / LAB_CLIENTS + 1);
    }
    CHECK(table_is_sound(&lab.router.napt));
}

TEST(flows_that_were_never_answered_go_before_those_that_were) {
    open_lab();
    uint16_t answered = outer_port(client(2), 30000, LAB_SERVER, 1);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, answered), RT_OK);
    lab.now_ms += 1000;
    fill(client(2), 500);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, answered), RT_OK);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 20000), RT_DROP_NO_FLOW);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 20499), RT_OK);
}

TEST(of_equals_the_longest_silent_goes) {
    open_lab();
    for (uint16_t i = 0; i < LAB_FLOWS; i++) {
        CHECK_EQ(lab_udp_out(&lab, client(2), (uint16_t)(20000 + i), LAB_SERVER, 1), RT_OK);
        lab.now_ms += 300;
    }
    CHECK_EQ(lab_udp_out(&lab, client(2), 20000, LAB_SERVER, 1), RT_OK); // the first is now the newest
    CHECK_EQ(lab_udp_out(&lab, client(2), 30000, LAB_SERVER, 1), RT_OK);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 20000), RT_OK);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 20001), RT_DROP_NO_FLOW);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 20002), RT_OK);
}

TEST(what_has_expired_goes_before_anything_that_lives) {
    open_lab();
    fill(client(2), LAB_FLOWS / 2);
    lab.now_ms += 200000;
    fill(client(3), LAB_FLOWS / 2 + 1);
    CHECK_EQ(rt_flows_of(&lab.router, client(3), lab.now_ms), LAB_FLOWS / 2 + 1);
    CHECK_EQ(rt_flows_of(&lab.router, client(2), lab.now_ms), 0);
}

TEST(a_new_client_takes_the_place_of_one_that_is_silent_and_of_no_other) {
    open_lab();
    for (uint8_t n = 2; n < 2 + LAB_CLIENTS; n++) {
        CHECK_EQ(lab_udp_out(&lab, client(n), 40000, LAB_SERVER, 1), RT_OK);
        lab.now_ms += 1000;
    }
    CHECK_EQ(lab_udp_out(&lab, client(100), 40000, LAB_SERVER, 1), RT_DROP_NO_ROOM);
    lab.now_ms += 30000;
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 1), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(100), 40000, LAB_SERVER, 1), RT_OK);
    CHECK_EQ(rt_flows_of(&lab.router, client(2), lab.now_ms), 1);
    CHECK_EQ(rt_flows_of(&lab.router, client(3), lab.now_ms), 0);
    CHECK(table_is_sound(&lab.router.napt));
}

TEST(nobody_who_does_not_know_the_key_can_fill_one_chain) {
    // Under one key inputs are made that share a bucket; under another they spread.
    open_lab();
    rt_napt_t *napt = &lab.router.napt;
    uint16_t ports[LAB_FLOWS];
    unsigned count = 0;
    for (uint32_t port = 1; port < 65536 && count < LAB_FLOWS; port++) {
        rt_clear(&lab.router);
        CHECK_EQ(lab_udp_out(&lab, client(2), (uint16_t)port, LAB_SERVER, 1), RT_OK);
        if (napt->memory.buckets[5] != RT_NONE) {
            ports[count++] = (uint16_t)port;
        }
    }
    CHECK_EQ(count, LAB_FLOWS);
    const uint8_t seed[RT_SEED_LEN] = {99};
    rt_seed(&lab.router, seed);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQ(lab_udp_out(&lab, client(2), ports[i], LAB_SERVER, 1), RT_OK);
    }
    unsigned longest = 0;
    for (unsigned b = 0; b < LAB_BUCKETS; b++) {
        unsigned len = 0;
        for (uint16_t m = napt->memory.buckets[b]; m != RT_NONE; m = napt->memory.mappings[m].next_inside) {
            len++;
        }
        longest = len > longest ? len : longest;
    }
    CHECK(longest <= 16);
}

// A plain list of what should be there. It knows nothing of lanes and chains, only of time, and the table is never full.
typedef struct {
    uint32_t who, remote;
    uint16_t port, remote_port, outer;
    uint64_t used_ms;
} plain_flow_t;

enum { PLAIN_MOST = 2000 };
static plain_flow_t plain[PLAIN_MOST];
static size_t plain_count;

static plain_flow_t *plain_find(uint32_t who, uint16_t port, uint32_t remote, uint16_t remote_port) {
    for (size_t i = 0; i < plain_count; i++) {
        plain_flow_t *f = &plain[i];
        if (f->who == who && f->port == port && f->remote == remote && f->remote_port == remote_port &&
            lab.now_ms - f->used_ms < 180000) {
            return f;
        }
    }
    return NULL;
}

TEST(the_table_equals_a_plain_list) {
    open_lab();
    uint64_t random = 1;
    plain_count = 0;
    for (int i = 0; i < 60000; i++) {
        // 3 clients x 2 ports x 2 remotes x 4 ports: 48 flows, and the table has 64.
        uint32_t who = client((uint8_t)(2 + check_random(&random) % 3));
        uint16_t port = (uint16_t)(40000 + check_random(&random) % 2);
        uint32_t remote = check_random(&random) % 2 ? LAB_SERVER : LAB_OTHER;
        uint16_t remote_port = (uint16_t)(1 + check_random(&random) % 4);
        plain_flow_t *known = plain_find(who, port, remote, remote_port);
        if (check_random(&random) % 2 == 0) {
            uint16_t outer = outer_port(who, port, remote, remote_port);
            for (size_t k = 0; k < plain_count; k++) { // live flows of one port share one outside, others have others
                if (lab.now_ms - plain[k].used_ms < 180000) {
                    CHECK_EQ(plain[k].outer == outer, plain[k].who == who && plain[k].port == port);
                }
            }
            if (known == NULL) {
                size_t slot = 0;
                while (slot < plain_count && lab.now_ms - plain[slot].used_ms < 180000) {
                    slot++;
                }
                CHECK(slot < PLAIN_MOST);
                plain_count += slot == plain_count;
                known = &plain[slot];
            }
            *known = (plain_flow_t){who, remote, port, remote_port, outer, lab.now_ms};
        } else {
            uint16_t outer = (uint16_t)(known != NULL ? known->outer : 40000 + check_random(&random) % 2);
            rt_verdict_t verdict = lab_udp_in(&lab, remote, remote_port, outer);
            bool expected = false;
            for (size_t k = 0; k < plain_count; k++) {
                plain_flow_t *f = &plain[k];
                if (f->outer == outer && f->remote == remote && f->remote_port == remote_port &&
                    lab.now_ms - f->used_ms < 180000) {
                    expected = true;
                    CHECK_EQ(destination_of(lab.packet), f->who);
                    CHECK_EQ(destination_port_of(lab.packet), f->port);
                    f->used_ms = lab.now_ms;
                }
            }
            CHECK_EQ(verdict == RT_OK, expected);
        }
        lab.now_ms += check_random(&random) % 64 == 0 ? 179712 : 256; // whole ticks: the table does not know less
        CHECK(i % 64 != 0 || table_is_sound(&lab.router.napt));
    }
}
