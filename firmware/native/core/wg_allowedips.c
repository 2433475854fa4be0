#include "wg_allowedips.h"

#include <string.h>

// A node holds the first prefix_len bits that all below it have in common. Its children continue with a 0 and with a 1. A node
// without a peer is a branch and always has two children; removing keeps it so.

static unsigned bit_at(const uint8_t *address, unsigned position) {
    return ((unsigned)address[position / 8] >> (7 - position % 8)) & 1;
}

// How many of the first max_len bits two addresses have in common.
static unsigned common_len(const uint8_t *a, const uint8_t *b, unsigned max_len) {
    unsigned len = 0;
    while (len < max_len) {
        unsigned difference = a[len / 8] ^ b[len / 8];
        if (difference == 0) {
            len += 8;
            continue;
        }
        while ((difference & 0x80) == 0) {
            difference <<= 1;
            len++;
        }
        break;
    }
    return len < max_len ? len : max_len;
}

static void copy_prefix(uint8_t out[16], const uint8_t *address, unsigned prefix_len) {
    memset(out, 0, 16);
    memcpy(out, address, prefix_len / 8);
    if (prefix_len % 8 != 0) {
        out[prefix_len / 8] = (uint8_t)(address[prefix_len / 8] & (0xff00u >> (prefix_len % 8)));
    }
}

static uint32_t *root_of(wg_allowedips_t *table, unsigned family) {
    return family == 4 ? &table->root4 : &table->root6;
}

static bool has_room(const wg_allowedips_t *table, uint32_t count) {
    uint32_t room = table->capacity - table->used;
    for (uint32_t node = table->free; room < count && node != WG_NO_NODE; node = table->nodes[node].child[0]) {
        room++;
    }
    return room >= count;
}

// Take a node; has_room() was asked before.
static uint32_t take_node(wg_allowedips_t *table, unsigned family, const uint8_t *address, unsigned prefix_len,
                          uint16_t peer) {
    uint32_t node = table->free;
    if (node != WG_NO_NODE) {
        table->free = table->nodes[node].child[0];
    } else {
        node = table->used++;
    }
    wg_allowedips_node_t *taken = &table->nodes[node];
    copy_prefix(taken->address, address, prefix_len);
    taken->child[0] = WG_NO_NODE;
    taken->child[1] = WG_NO_NODE;
    taken->peer = peer;
    taken->prefix_len = (uint8_t)prefix_len;
    taken->family = (uint8_t)family;
    return node;
}

static void free_node(wg_allowedips_t *table, uint32_t node) {
    wg_allowedips_node_t *freed = &table->nodes[node];
    freed->family = 0;
    freed->peer = WG_NO_PEER;
    freed->child[0] = table->free;
    table->free = node;
}

void wg_allowedips_init(wg_allowedips_t *table, wg_allowedips_node_t *nodes, uint32_t capacity) {
    *table = (wg_allowedips_t){
        .nodes = nodes, .capacity = capacity, .used = 0, .free = WG_NO_NODE, .root4 = WG_NO_NODE, .root6 = WG_NO_NODE};
}

wg_status_t wg_allowedips_insert(wg_allowedips_t *table, unsigned family, const uint8_t *address, unsigned prefix_len,
                                 uint16_t peer) {
    uint32_t *link = root_of(table, family);
    unsigned common = 0;
    while (*link != WG_NO_NODE) {
        wg_allowedips_node_t *node = &table->nodes[*link];
        common = common_len(node->address, address, node->prefix_len < prefix_len ? node->prefix_len : prefix_len);
        if (common < node->prefix_len) {
            break; // the new prefix belongs above this node, or beside it
        }
        if (node->prefix_len == prefix_len) {
            node->peer = peer;
            return WG_OK;
        }
        link = &node->child[bit_at(address, node->prefix_len)];
    }
    bool beside = *link != WG_NO_NODE && common < prefix_len;
    if (!has_room(table, beside ? 2 : 1)) {
        return WG_ERR_SPACE;
    }
    uint32_t below = *link;
    uint32_t added = take_node(table, family, address, prefix_len, peer);
    uint32_t top = added;
    if (beside) {
        top = take_node(table, family, address, common, WG_NO_PEER);
        table->nodes[top].child[bit_at(address, common)] = added;
    }
    if (below != WG_NO_NODE) {
        table->nodes[top].child[bit_at(table->nodes[below].address, table->nodes[top].prefix_len)] = below;
    }
    *link = top;
    return WG_OK;
}

// Take a node without a peer out of the trie if it has at most one child.
static void collapse(wg_allowedips_t *table, uint32_t *link) {
    uint32_t node = *link;
    const uint32_t *child = table->nodes[node].child;
    if (table->nodes[node].peer != WG_NO_PEER || (child[0] != WG_NO_NODE && child[1] != WG_NO_NODE)) {
        return;
    }
    *link = child[0] != WG_NO_NODE ? child[0] : child[1];
    free_node(table, node);
}

bool wg_allowedips_remove(wg_allowedips_t *table, unsigned family, const uint8_t *address, unsigned prefix_len,
                          uint16_t peer) {
    uint32_t *parent = NULL;
    uint32_t *link = root_of(table, family);
    while (*link != WG_NO_NODE) {
        wg_allowedips_node_t *node = &table->nodes[*link];
        if (node->prefix_len > prefix_len || common_len(node->address, address, node->prefix_len) < node->prefix_len) {
            return false;
        }
        if (node->prefix_len == prefix_len) {
            if (node->peer != peer || peer == WG_NO_PEER) {
                return false;
            }
            node->peer = WG_NO_PEER;
            collapse(table, link);
            if (parent != NULL) {
                collapse(table, parent);
            }
            return true;
        }
        parent = link;
        link = &node->child[bit_at(address, node->prefix_len)];
    }
    return false;
}

void wg_allowedips_remove_peer(wg_allowedips_t *table, uint16_t peer) {
    uint32_t cursor = 0;
    unsigned family;
    uint8_t address[16];
    unsigned prefix_len;
    while (wg_allowedips_next(table, peer, &cursor, &family, address, &prefix_len)) {
        wg_allowedips_remove(table, family, address, prefix_len, peer);
    }
}

uint16_t wg_allowedips_lookup(const wg_allowedips_t *table, unsigned family, const uint8_t *address) {
    uint32_t next = family == 4 ? table->root4 : table->root6;
    unsigned address_len = family == 4 ? 32 : 128;
    uint16_t found = WG_NO_PEER;
    while (next != WG_NO_NODE) {
        const wg_allowedips_node_t *node = &table->nodes[next];
        if (common_len(node->address, address, node->prefix_len) < node->prefix_len) {
            break;
        }
        if (node->peer != WG_NO_PEER) {
            found = node->peer;
        }
        if (node->prefix_len == address_len) {
            break;
        }
        next = node->child[bit_at(address, node->prefix_len)];
    }
    return found;
}

bool wg_allowedips_next(const wg_allowedips_t *table, uint16_t peer, uint32_t *cursor, unsigned *family,
                        uint8_t address[16], unsigned *prefix_len) {
    while (*cursor < table->used) {
        const wg_allowedips_node_t *node = &table->nodes[(*cursor)++];
        if (node->family != 0 && node->peer == peer) {
            *family = node->family;
            memcpy(address, node->address, 16);
            *prefix_len = node->prefix_len;
            return true;
        }
    }
    return false;
}
