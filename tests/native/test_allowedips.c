#include "check.h"
#include "wg_allowedips.h"

enum { CAPACITY = 512 };
enum { A = 1, B, C, D, E, F, G, H };

static wg_allowedips_node_t nodes[CAPACITY];
static wg_allowedips_t table;

static void set_up(uint32_t capacity) {
    wg_allowedips_init(&table, nodes, capacity);
}

// "a.b.c.d/n" or eight hexadecimal groups "a:b:...:h/n".
static unsigned parse(const char *text, uint8_t address[16], unsigned *prefix_len) {
    unsigned part[8];
    memset(address, 0, 16);
    *prefix_len = 128;
    if (strchr(text, ':') != NULL) {
        int count = sscanf(text, "%x:%x:%x:%x:%x:%x:%x:%x/%u", &part[0], &part[1], &part[2], &part[3], &part[4],
                           &part[5], &part[6], &part[7], prefix_len);
        CHECK(count >= 8);
        for (size_t i = 0; i < 8; i++) {
            address[2 * i] = (uint8_t)(part[i] >> 8);
            address[2 * i + 1] = (uint8_t)part[i];
        }
        return 6;
    }
    *prefix_len = 32;
    CHECK(sscanf(text, "%u.%u.%u.%u/%u", &part[0], &part[1], &part[2], &part[3], prefix_len) >= 4);
    for (size_t i = 0; i < 4; i++) {
        address[i] = (uint8_t)part[i];
    }
    return 4;
}

static wg_status_t insert(uint16_t peer, const char *text) {
    uint8_t address[16];
    unsigned prefix_len;
    unsigned family = parse(text, address, &prefix_len);
    return wg_allowedips_insert(&table, family, address, prefix_len, peer);
}

static bool withdraw(uint16_t peer, const char *text) {
    uint8_t address[16];
    unsigned prefix_len;
    unsigned family = parse(text, address, &prefix_len);
    return wg_allowedips_remove(&table, family, address, prefix_len, peer);
}

static uint16_t lookup(const char *text) {
    uint8_t address[16];
    unsigned prefix_len;
    unsigned family = parse(text, address, &prefix_len);
    return wg_allowedips_lookup(&table, family, address);
}

static uint32_t nodes_in_use(void) {
    uint32_t free_nodes = 0;
    for (uint32_t node = table.free; node != WG_NO_NODE; node = nodes[node].child[0]) {
        CHECK_EQ(nodes[node].family, 0);
        free_nodes++;
    }
    return table.used - free_nodes;
}

TEST(an_empty_table_has_no_peer) {
    set_up(CAPACITY);
    CHECK_EQ(lookup("1.2.3.4"), WG_NO_PEER);
    CHECK_EQ(lookup("1:2:3:4:5:6:7:8"), WG_NO_PEER);
    CHECK(!withdraw(A, "1.2.3.4/32"));
    wg_allowedips_remove_peer(&table, A);
}

TEST(the_longest_prefix_wins) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "192.168.4.0/24"), WG_OK);
    CHECK_EQ(insert(B, "192.168.4.4/32"), WG_OK);
    CHECK_EQ(insert(C, "192.168.0.0/16"), WG_OK);
    CHECK_EQ(insert(E, "0.0.0.0/0"), WG_OK);
    CHECK_EQ(lookup("192.168.4.20"), A);
    CHECK_EQ(lookup("192.168.4.4"), B);
    CHECK_EQ(lookup("192.168.5.4"), C);
    CHECK_EQ(lookup("192.169.5.4"), E);
    CHECK_EQ(lookup("255.255.255.255"), E);
    CHECK_EQ(lookup("0:0:0:0:0:0:0:1"), WG_NO_PEER);
}

TEST(bits_past_the_prefix_are_ignored) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "64.15.123.211/25"), WG_OK);
    CHECK_EQ(lookup("64.15.123.128"), A);
    CHECK_EQ(lookup("64.15.123.127"), WG_NO_PEER);
    CHECK(withdraw(A, "64.15.123.129/25"));
    CHECK_EQ(nodes_in_use(), 0);
}

TEST(families_do_not_meet) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "0.0.0.0/0"), WG_OK);
    CHECK_EQ(insert(B, "0:0:0:0:0:0:0:0/0"), WG_OK);
    CHECK_EQ(lookup("32.1.13.184"), A);
    CHECK_EQ(lookup("2001:db8:0:0:0:0:0:1"), B);
    CHECK(withdraw(A, "0.0.0.0/0"));
    CHECK_EQ(lookup("32.1.13.184"), WG_NO_PEER);
    CHECK_EQ(lookup("2001:db8:0:0:0:0:0:1"), B);
}

TEST(ipv6_prefixes_of_any_length_nest) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "2607:5300:6006:6b00:0:0:c05f:543/128"), WG_OK);
    CHECK_EQ(insert(B, "2607:5300:6006:6b00:0:0:0:0/64"), WG_OK);
    CHECK_EQ(insert(C, "2607:5300:6006:6b00:0:0:c05f:542/127"), WG_OK);
    CHECK_EQ(insert(D, "2607:5300:0:0:0:0:0:0/33"), WG_OK);
    CHECK_EQ(lookup("2607:5300:6006:6b00:0:0:c05f:543"), A);
    CHECK_EQ(lookup("2607:5300:6006:6b00:0:0:c05f:542"), C);
    CHECK_EQ(lookup("2607:5300:6006:6b00:ffff:0:0:0"), B);
    CHECK_EQ(lookup("2607:5300:7fff:0:0:0:0:0"), D);
    CHECK_EQ(lookup("2607:5300:8000:0:0:0:0:0"), WG_NO_PEER);
}

TEST(a_prefix_moves_to_the_peer_that_takes_it) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "10.0.0.0/8"), WG_OK);
    CHECK_EQ(insert(B, "10.0.0.0/8"), WG_OK);
    CHECK_EQ(lookup("10.1.1.1"), B);
    CHECK_EQ(nodes_in_use(), 1);
    CHECK(!withdraw(A, "10.0.0.0/8"));
    wg_allowedips_remove_peer(&table, A);
    CHECK_EQ(lookup("10.1.1.1"), B);
    CHECK(withdraw(B, "10.0.0.0/8"));
    CHECK_EQ(lookup("10.1.1.1"), WG_NO_PEER);
}

TEST(a_branch_takes_a_prefix_of_its_own) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "10.0.0.0/25"), WG_OK);
    CHECK_EQ(insert(B, "10.0.0.128/25"), WG_OK);
    CHECK_EQ(nodes_in_use(), 3);
    CHECK(!withdraw(WG_NO_PEER, "10.0.0.0/24"));
    CHECK_EQ(insert(C, "10.0.0.0/24"), WG_OK);
    CHECK_EQ(nodes_in_use(), 3);
    CHECK_EQ(insert(D, "10.0.0.0/23"), WG_OK);
    CHECK(withdraw(C, "10.0.0.0/24"));
    CHECK_EQ(lookup("10.0.0.1"), A);
    CHECK_EQ(lookup("10.0.0.129"), B);
    CHECK_EQ(lookup("10.0.1.1"), D);
    CHECK(withdraw(A, "10.0.0.0/25"));
    CHECK_EQ(nodes_in_use(), 2);
    CHECK_EQ(lookup("10.0.0.1"), D);
    CHECK_EQ(lookup("10.0.0.129"), B);
}

TEST(a_peer_takes_all_its_prefixes_with_it) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "1.0.0.0/32"), WG_OK);
    CHECK_EQ(insert(A, "64.0.0.0/32"), WG_OK);
    CHECK_EQ(insert(B, "64.0.0.0/2"), WG_OK);
    CHECK_EQ(insert(A, "128.0.0.0/32"), WG_OK);
    CHECK_EQ(insert(A, "2001:db8:0:0:0:0:0:0/32"), WG_OK);
    wg_allowedips_remove_peer(&table, A);
    CHECK_EQ(lookup("1.0.0.0"), WG_NO_PEER);
    CHECK_EQ(lookup("64.0.0.0"), B);
    CHECK_EQ(lookup("128.0.0.0"), WG_NO_PEER);
    CHECK_EQ(lookup("2001:db8:0:0:0:0:0:0"), WG_NO_PEER);
    CHECK_EQ(nodes_in_use(), 1);
}

TEST(a_full_table_refuses_and_stays_as_it_is) {
    set_up(4);
    CHECK_EQ(insert(A, "10.0.0.0/25"), WG_OK);
    CHECK_EQ(insert(B, "10.0.0.128/25"), WG_OK);
    wg_allowedips_t before = table;
    // A prefix beside another one takes two nodes, and one is left.
    CHECK_EQ(insert(C, "172.16.0.0/12"), WG_ERR_SPACE);
    CHECK(memcmp(&table, &before, sizeof(table)) == 0);
    CHECK_EQ(lookup("172.16.0.1"), WG_NO_PEER);
    CHECK_EQ(lookup("10.0.0.129"), B);
    CHECK_EQ(insert(C, "10.0.0.0/8"), WG_OK);
    CHECK_EQ(insert(D, "10.0.0.0/9"), WG_ERR_SPACE);
    CHECK_EQ(insert(D, "10.0.0.0/8"), WG_OK);
    CHECK_EQ(insert(D, "10.0.0.0/24"), WG_OK);
    wg_allowedips_remove_peer(&table, B);
    CHECK_EQ(insert(C, "10.0.0.0/9"), WG_OK);
}

TEST(listing_gives_each_prefix_once) {
    set_up(CAPACITY);
    CHECK_EQ(insert(A, "10.0.0.0/25"), WG_OK);
    CHECK_EQ(insert(B, "10.0.0.128/25"), WG_OK);
    CHECK_EQ(insert(A, "2001:db8:0:0:0:0:0:0/32"), WG_OK);
    CHECK_EQ(insert(A, "0.0.0.0/0"), WG_OK);
    uint32_t cursor = 0;
    unsigned family, prefix_len, count = 0, lens = 0;
    uint8_t address[16];
    while (wg_allowedips_next(&table, A, &cursor, &family, address, &prefix_len)) {
        CHECK_EQ(family, prefix_len == 32 ? 6 : 4);
        CHECK_EQ(address[0], prefix_len == 0 ? 0 : prefix_len == 25 ? 10 : 0x20);
        lens += prefix_len;
        count++;
    }
    CHECK_EQ(count, 3);
    CHECK_EQ(lens, 57);
}

// --- the trie against a plain list ---

enum { MOST = 100 };

typedef struct {
    unsigned family;
    uint8_t address[16];
    unsigned prefix_len;
    uint16_t peer;
} entry_t;

static entry_t list[MOST];
static size_t list_len;

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned prefix_len) {
    for (unsigned i = 0; i < prefix_len; i++) {
        if (((address[i / 8] ^ prefix[i / 8]) & (0x80u >> (i % 8))) != 0) {
            return false;
        }
    }
    return true;
}

static entry_t *list_find(const entry_t *wanted) {
    for (size_t i = 0; i < list_len; i++) {
        if (list[i].family == wanted->family && list[i].prefix_len == wanted->prefix_len &&
            has_prefix(list[i].address, wanted->address, wanted->prefix_len)) {
            return &list[i];
        }
    }
    return NULL;
}

static uint16_t list_lookup(unsigned family, const uint8_t *address) {
    uint16_t peer = WG_NO_PEER;
    int longest = -1;
    for (size_t i = 0; i < list_len; i++) {
        if (list[i].family == family && (int)list[i].prefix_len > longest &&
            has_prefix(address, list[i].address, list[i].prefix_len)) {
            longest = (int)list[i].prefix_len;
            peer = list[i].peer;
        }
    }
    return peer;
}

// Addresses of few different bits, so that prefixes nest and meet often.
static void draw_address(uint64_t *state, uint8_t address[16]) {
    uint64_t bits = check_random(state);
    for (size_t i = 0; i < 16; i++) {
        address[i] = (uint8_t)(((bits >> (i % 8)) & 1) * 0x81);
    }
    address[bits % 16] ^= (uint8_t)(bits >> 56);
}

static entry_t draw_entry(uint64_t *state) {
    entry_t entry = {.family = check_random(state) % 2 == 0 ? 4 : 6};
    draw_address(state, entry.address);
    entry.prefix_len = (unsigned)(check_random(state) % (entry.family == 4 ? 33 : 129));
    entry.peer = (uint16_t)(check_random(state) % 8);
    return entry;
}

static void check_shape(void) {
    uint32_t branches = 0, prefixes = 0;
    for (uint32_t i = 0; i < table.used; i++) {
        if (nodes[i].family != 0 && nodes[i].peer == WG_NO_PEER) {
            branches++;
            CHECK(nodes[i].child[0] != WG_NO_NODE && nodes[i].child[1] != WG_NO_NODE);
        } else if (nodes[i].family != 0) {
            prefixes++;
        }
    }
    CHECK_EQ(prefixes, list_len);
    CHECK_EQ(nodes_in_use(), prefixes + branches);
    CHECK(prefixes == 0 ? branches == 0 : branches < prefixes);
}

TEST(the_trie_equals_a_plain_list_and_leaks_no_node) {
    uint64_t state = 5;
    // As many nodes as the header says are always enough.
    set_up(2 * MOST);
    list_len = 0;
    for (unsigned step = 0; step < 20000; step++) {
        entry_t entry = draw_entry(&state);
        entry_t *same = list_find(&entry);
        unsigned choice = (unsigned)(check_random(&state) % 200);
        if (choice == 0) {
            wg_allowedips_remove_peer(&table, entry.peer);
            for (size_t i = list_len; i-- > 0;) {
                if (list[i].peer == entry.peer) {
                    list[i] = list[--list_len];
                }
            }
        } else if (choice < 70 && list_len > 0) {
            entry = list[check_random(&state) % list_len];
            CHECK(!wg_allowedips_remove(&table, entry.family, entry.address, entry.prefix_len, 9));
            CHECK(wg_allowedips_remove(&table, entry.family, entry.address, entry.prefix_len, entry.peer));
            CHECK(!wg_allowedips_remove(&table, entry.family, entry.address, entry.prefix_len, entry.peer));
            *list_find(&entry) = list[list_len - 1];
            list_len--;
        } else if (same != NULL || list_len < MOST) {
            wg_status_t status =
                wg_allowedips_insert(&table, entry.family, entry.address, entry.prefix_len, entry.peer);
            CHECK_EQ(status, WG_OK);
            if (same == NULL) {
                list[list_len++] = entry;
            } else {
                same->peer = entry.peer;
            }
        }
        for (unsigned probe = 0; probe < 4; probe++) {
            uint8_t address[16];
            draw_address(&state, address);
            CHECK_EQ(wg_allowedips_lookup(&table, 4, address), list_lookup(4, address));
            CHECK_EQ(wg_allowedips_lookup(&table, 6, address), list_lookup(6, address));
        }
        if (step % 64 == 0) {
            check_shape();
        }
    }
    for (uint16_t peer = 0; peer < 8; peer++) {
        wg_allowedips_remove_peer(&table, peer);
    }
    CHECK_EQ(nodes_in_use(), 0);
    CHECK_EQ(table.root4, WG_NO_NODE);
    CHECK_EQ(table.root6, WG_NO_NODE);
}
