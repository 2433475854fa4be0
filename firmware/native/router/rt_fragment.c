#include "rt_fragment.h"

#define LIFE (RT_FRAGMENT_LIFE_MS / 256)

static bool is_live(const rt_fragment_t *entry, uint32_t now) {
    return entry->used != 0 && now - entry->used <= LIFE;
}

static bool is_same(const rt_fragment_t *a, const rt_fragment_t *b) {
    return a->source == b->source && a->destination == b->destination && a->id == b->id && a->protocol == b->protocol;
}

// The few places where an entry may be; which, only who knows the key can tell (see rt_napt.c).
static rt_fragment_t *ways_of(rt_fragments_t *fragments, const rt_fragment_t *entry) {
    const uint32_t *key = fragments->key;
    uint32_t sum = key[0] + key[1] * (entry->source & 0xffff) + key[2] * (entry->source >> 16) +
                   key[3] * (entry->destination & 0xffff) + key[4] * (entry->destination >> 16) + key[5] * entry->id;
    return &fragments->slots[(sum >> 16) & (fragments->capacity - 1u) & ~(RT_FRAGMENT_WAYS - 1u)];
}

bool rt_fragments_init(rt_fragments_t *fragments, rt_fragment_t *slots, uint16_t capacity) {
    if (capacity < RT_FRAGMENT_WAYS || (capacity & (capacity - 1)) != 0) {
        return false;
    }
    *fragments = (rt_fragments_t){.slots = slots, .capacity = capacity};
    rt_fragments_clear(fragments);
    return true;
}

void rt_fragments_seed(rt_fragments_t *fragments, rt_random_t *random) {
    for (unsigned i = 0; i < sizeof(fragments->key) / sizeof(fragments->key[0]); i++) {
        fragments->key[i] = rt_random32(random);
    }
    rt_fragments_clear(fragments);
}

void rt_fragments_clear(rt_fragments_t *fragments) {
    for (uint16_t i = 0; i < fragments->capacity; i++) {
        fragments->slots[i] = (rt_fragment_t){.used = 0};
    }
}

rt_fragment_t *rt_fragments_find(rt_fragments_t *fragments, const rt_fragment_t *wanted, uint32_t now) {
    rt_fragment_t *ways = ways_of(fragments, wanted);
    for (unsigned i = 0; i < RT_FRAGMENT_WAYS; i++) {
        if (is_live(&ways[i], now) && is_same(&ways[i], wanted)) {
            ways[i].used = now;
            return &ways[i];
        }
    }
    return NULL;
}

rt_fragment_t *rt_fragments_keep(rt_fragments_t *fragments, const rt_fragment_t *entry, uint32_t now) {
    rt_fragment_t *ways = ways_of(fragments, entry);
    rt_fragment_t *kept = &ways[0];
    for (unsigned i = 1; i < RT_FRAGMENT_WAYS && is_live(kept, now); i++) {
        if (!is_live(&ways[i], now) || ways[i].used < kept->used) {
            kept = &ways[i];
        }
    }
    *kept = *entry;
    kept->used = now;
    return kept;
}
