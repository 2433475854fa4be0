// Key bytes: ChaCha20 under a key that each request replaces (fast key erasure), which is mixed from the hardware's noise.
//
// The hardware generator is random only while the radio runs or the SAR ADC feeds it; without either its numbers repeat a pattern.
// So the first key is drawn at the start, before anything needs the ADC or the radio, with the ADC as its source. What is drawn
// later is mixed in, and cannot make the key worse, whatever it is. The generator is never asked for each packet: on an
// ESP32-C6 it needs half a millisecond for 32 bytes.
//
// Only who holds MicroPython's global lock comes here.
#include "../virt/entropy.h"

#include <string.h>

#include "bootloader_random.h"
#include "esp_random.h"
#include "lwpath_port.h"
#include "wg_blake2s.h"
#include "wg_chacha20.h"
#include "wg_wipe.h"

enum { SEED_LEN = 32 };

static uint8_t key[WG_KEY_LEN];
static bool there;

// Noise of two draws that are unlike each other, and unlike themselves: a generator that is stuck is none.
static bool draw(uint8_t seed[SEED_LEN]) {
    uint8_t again[SEED_LEN];
    esp_fill_random(seed, SEED_LEN);
    esp_fill_random(again, SEED_LEN);
    bool is_stuck = memcmp(seed, again, SEED_LEN) == 0 || memcmp(seed, seed + 4, SEED_LEN - 4) == 0;
    for (unsigned i = 0; i < SEED_LEN; i++) {
        seed[i] ^= again[i];
    }
    wg_wipe(again, sizeof again);
    return !is_stuck;
}

static bool mix(void) {
    uint8_t seed[SEED_LEN];
    bool is_good = draw(seed);
    wg_blake2s(key, sizeof key, seed, sizeof seed, key, sizeof key);
    wg_wipe(seed, sizeof seed);
    return is_good;
}

void entropy_init(void) {
    bootloader_random_enable();
    bool first = mix();
    there = mix() && first;
    bootloader_random_disable();
}

bool entropy_is_there(void) {
    return there;
}

bool entropy_fill(uint8_t *out, size_t len) {
    static const uint8_t nonce[WG_NONCE_LEN];
    memset(out, 0, len);
    if (!there) {
        return false;
    }
    if (len >= WG_KEY_LEN) {
        (void)mix(); // for a key
    }
    // Block 0 is the next key.
    wg_chacha20_xor(out, out, len, key, nonce, 1);
    uint8_t next[WG_KEY_LEN] = {0};
    wg_chacha20_xor(next, next, sizeof next, key, nonce, 0);
    memcpy(key, next, sizeof key);
    wg_wipe(next, sizeof next);
    return true;
}

uint32_t entropy_number(void) {
    return esp_random();
}

bool port_fill_random(uint8_t *out, size_t len) {
    return entropy_fill(out, len);
}
