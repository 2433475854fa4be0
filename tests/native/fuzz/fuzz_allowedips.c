// The trie of allowed IPs against a plain list of prefixes.

#include "fuzz_input.h"
#include "wg_allowedips.h"

#define MOST 128

typedef struct {
    uint8_t address[16];
    unsigned family, prefix_len;
    uint16_t peer;
} prefix_t;

static bool holds(const prefix_t *prefix, unsigned family, const uint8_t *address) {
    if (prefix->family != family) {
        return false;
    }
    for (unsigned bit = 0; bit < prefix->prefix_len; bit++) {
        if (((prefix->address[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8)) & 1) {
            return false;
        }
    }
    return true;
}

static prefix_t *find(prefix_t *list, size_t count, const prefix_t *wanted) {
    for (size_t i = 0; i < count; i++) {
        if (list[i].prefix_len == wanted->prefix_len && holds(&list[i], wanted->family, wanted->address)) {
            return &list[i];
        }
    }
    return NULL;
}

static uint16_t lookup_plainly(const prefix_t *list, size_t count, unsigned family, const uint8_t *address) {
    const prefix_t *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (holds(&list[i], family, address) && (best == NULL || list[i].prefix_len > best->prefix_len)) {
            best = &list[i];
        }
    }
    return best == NULL ? WG_NO_PEER : best->peer;
}

static size_t remove_peer_plainly(prefix_t *list, size_t count, uint16_t peer) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].peer != peer) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

static size_t listed(const wg_allowedips_t *table) {
    size_t total = 0;
    for (uint16_t peer = 0; peer < 8; peer++) {
        uint32_t cursor = 0;
        unsigned family, prefix_len;
        uint8_t address[16];
        while (wg_allowedips_next(table, peer, &cursor, &family, address, &prefix_len)) {
            total++;
        }
    }
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    prefix_t list[MOST];
    size_t count = 0;
    wg_allowedips_node_t nodes[2 * MOST];
    wg_allowedips_t table;
    wg_allowedips_init(&table, nodes, 2 * MOST);
    while (input.len > 0) {
        uint8_t op = fuzz_u8(&input);
        prefix_t p = {{0}, op & 1 ? 6 : 4, 0, (op >> 1) & 7};
        unsigned bits = p.family == 6 ? 128 : 32;
        if (op >> 6 == 3) {
            wg_allowedips_remove_peer(&table, p.peer);
            count = remove_peer_plainly(list, count, p.peer);
            continue;
        }
        // Few different bytes, so that prefixes meet.
        uint8_t shape = fuzz_u8(&input);
        memset(p.address, shape & 0x80 ? 0xff : 0, sizeof p.address);
        fuzz_bytes(&input, p.address, shape & 3);
        p.address[bits / 8 - 1] = (uint8_t)(shape << 2);
        p.prefix_len = fuzz_u8(&input) % (bits + 1);
        prefix_t *there = find(list, count, &p);
        if (op >> 6 == 2) {
            bool mine = there != NULL && there->peer == p.peer;
            FUZZ_CLAIM(wg_allowedips_remove(&table, p.family, p.address, p.prefix_len, p.peer) == mine);
            if (mine) {
                *there = list[--count];
            }
        } else if (there != NULL) {
            FUZZ_CLAIM(wg_allowedips_insert(&table, p.family, p.address, p.prefix_len, p.peer) == WG_OK);
            there->peer = p.peer;
        } else if (count < MOST) {
            FUZZ_CLAIM(wg_allowedips_insert(&table, p.family, p.address, p.prefix_len, p.peer) == WG_OK);
            list[count++] = p;
        }
        FUZZ_CLAIM(wg_allowedips_lookup(&table, p.family, p.address) ==
                   lookup_plainly(list, count, p.family, p.address));
        p.address[1] ^= shape;
        FUZZ_CLAIM(wg_allowedips_lookup(&table, p.family, p.address) ==
                   lookup_plainly(list, count, p.family, p.address));
        FUZZ_CLAIM(listed(&table) == count);
    }
    for (uint16_t peer = 0; peer < 8; peer++) {
        wg_allowedips_remove_peer(&table, peer);
    }
    // Nothing leaked: the whole table can be filled again.
    for (unsigned i = 0; i < MOST; i++) {
        uint8_t address[4] = {10, 0, 0, (uint8_t)i};
        FUZZ_CLAIM(wg_allowedips_insert(&table, 4, address, 32, 0) == WG_OK);
    }
    return 0;
}
