#include "rt_random.h"

#include <string.h>

#include "wg_chacha20.h"

static void next_block(rt_random_t *random) {
    static const uint8_t nonce[WG_NONCE_LEN];
    uint8_t key[WG_KEY_LEN];
    memcpy(key, random->block, sizeof(key));
    memset(random->block, 0, sizeof(random->block));
    wg_chacha20_xor(random->block, random->block, sizeof(random->block), key, nonce, 0);
    random->used = WG_KEY_LEN;
}

void rt_random_seed(rt_random_t *random, const uint8_t seed[RT_SEED_LEN]) {
    memcpy(random->block, seed, WG_KEY_LEN);
    next_block(random);
}

uint16_t rt_random16(rt_random_t *random) {
    if (random->used == sizeof(random->block)) {
        next_block(random);
    }
    uint16_t number;
    memcpy(&number, random->block + random->used, sizeof(number));
    memset(random->block + random->used, 0, sizeof(number));
    random->used = (uint8_t)(random->used + sizeof(number));
    return number;
}

uint32_t rt_random32(rt_random_t *random) {
    uint32_t high = rt_random16(random);
    return (high << 16) | rt_random16(random);
}
