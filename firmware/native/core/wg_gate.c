#include "wg_gate.h"

#include <string.h>

#include "wg_aead.h"
#include "wg_blake2s.h"
#include "wg_bytes.h"
#include "wg_wipe.h"

enum {
    LABEL_LEN = 8,
    PUBLIC_LEN = 32,
    SENDER = 4, // offset of the sender's index, the same in both handshake messages
    BUCKET_WAYS = 4,
};

#define SECOND_MS 1000u
#define TOKEN_MS (SECOND_MS / WG_GATE_RATE)

void wg_gate_init(wg_gate_t *gate) {
    memset(gate, 0, sizeof(*gate));
}

void wg_gate_wipe(wg_gate_t *gate) {
    wg_wipe(gate, sizeof(*gate));
}

static void labelled_hash(uint8_t out[WG_HASH_LEN], const char label[LABEL_LEN + 1],
                          const uint8_t public_key[PUBLIC_LEN]) {
    wg_blake2s_t hash;
    wg_blake2s_init(&hash, WG_HASH_LEN, NULL, 0);
    wg_blake2s_update(&hash, (const uint8_t *)label, LABEL_LEN);
    wg_blake2s_update(&hash, public_key, PUBLIC_LEN);
    wg_blake2s_finish(&hash, out);
}

void wg_gate_set_identity(wg_gate_t *gate, const uint8_t public_key[32]) {
    labelled_hash(gate->mac1_key, "mac1----", public_key);
    labelled_hash(gate->cookie_key, "cookie--", public_key);
    gate->has_identity = true;
}

void wg_gate_clear_identity(wg_gate_t *gate) {
    wg_wipe(gate->mac1_key, sizeof(gate->mac1_key));
    wg_wipe(gate->cookie_key, sizeof(gate->cookie_key));
    gate->has_identity = false;
}

void wg_gate_set_secret(wg_gate_t *gate, const uint8_t random[64], uint64_t now_ms) {
    memcpy(gate->secret, random, sizeof(gate->secret));
    memcpy(gate->nonce_key, random + sizeof(gate->secret), sizeof(gate->nonce_key));
    gate->secret_born_ms = now_ms;
    gate->has_secret = true;
}

bool wg_gate_wants_secret(const wg_gate_t *gate, uint64_t now_ms) {
    return !gate->has_secret || now_ms >= gate->secret_born_ms + WG_GATE_SECRET_LIFE_MS;
}

void wg_gate_set_loaded(wg_gate_t *gate, uint64_t now_ms) {
    gate->loaded_until_ms = now_ms + WG_GATE_LOAD_HOLD_MS;
}

bool wg_gate_is_loaded(const wg_gate_t *gate, uint64_t now_ms) {
    return now_ms < gate->loaded_until_ms;
}

// Count one message; how many there were in about the last second. The second before is taken as evenly spread.
static uint32_t count_in_second(wg_gate_meter_t *meter, uint64_t now_ms) {
    uint64_t since_ms = now_ms > meter->begin_ms ? now_ms - meter->begin_ms : 0;
    if (since_ms >= 2 * SECOND_MS) {
        *meter = (wg_gate_meter_t){.begin_ms = now_ms};
        since_ms = 0;
    } else if (since_ms >= SECOND_MS) {
        meter->before = meter->count;
        meter->count = 0;
        meter->begin_ms += SECOND_MS;
        since_ms -= SECOND_MS;
    }
    if (meter->count < UINT32_MAX / SECOND_MS) { // so that the product below fits
        meter->count++;
    }
    return meter->count + meter->before * (SECOND_MS - (uint32_t)since_ms) / SECOND_MS;
}

static size_t address_len(const wg_endpoint_t *source) {
    if (source->family == WG_FAMILY_STREAM) {
        return 0;
    }
    return source->family == 4 ? 4 : 16;
}

// The cookie of a source (paper 5.4.7): a MAC over its address and port, which only who receives there can know.
static void make_cookie(const wg_gate_t *gate, const wg_endpoint_t *source, uint8_t cookie[WG_MAC_LEN]) {
    uint8_t bytes[18];
    size_t len = address_len(source);
    memcpy(bytes, source->address, len);
    wg_store16_be(bytes + len, source->port);
    wg_blake2s(cookie, WG_MAC_LEN, bytes, len + 2, gate->secret, sizeof(gate->secret));
}

static void make_reply(wg_gate_t *gate, const uint8_t *message, const uint8_t *mac1, const uint8_t cookie[WG_MAC_LEN],
                       uint8_t reply[WG_COOKIE_LEN]) {
    uint8_t count[8];
    wg_store64_le(count, gate->nonce_count++);
    wg_store32_le(reply, WG_MESSAGE_COOKIE);
    memcpy(reply + WG_COOKIE_RECEIVER, message + SENDER, 4);
    uint8_t *nonce = reply + WG_COOKIE_NONCE;
    wg_blake2s(nonce, WG_XNONCE_LEN, count, sizeof(count), gate->nonce_key, sizeof(gate->nonce_key));
    wg_xaead_seal(reply + WG_COOKIE_COOKIE, cookie, WG_MAC_LEN, mac1, WG_MAC_LEN, nonce, gate->cookie_key);
}

// The bucket of a source, or, when there are too many sources, the emptiest use that it can share. Only sources that have
// proved their address come here, so a stranger cannot push anybody out; where a source lands depends on a secret.
static wg_gate_bucket_t *find_bucket(wg_gate_t *gate, const wg_endpoint_t *source, uint64_t now_ms) {
    wg_gate_bucket_t wanted = {.family = source->family};
    if (source->family == WG_FAMILY_STREAM) {
        wg_store16_be(wanted.address, source->port);
    } else {
        memcpy(wanted.address, source->address, source->family == 4 ? 4 : sizeof(wanted.address));
    }
    uint8_t hash[4];
    wg_blake2s(hash, sizeof(hash), wanted.address, sizeof(wanted.address), gate->nonce_key, sizeof(gate->nonce_key));
    uint32_t home = wg_load32_le(hash);
    wg_gate_bucket_t *best = &gate->buckets[home % WG_GATE_SOURCES];
    for (uint32_t i = 0; i < BUCKET_WAYS; i++) {
        wg_gate_bucket_t *bucket = &gate->buckets[(home + i) % WG_GATE_SOURCES];
        if (bucket->family == wanted.family && memcmp(bucket->address, wanted.address, sizeof(wanted.address)) == 0) {
            return bucket;
        }
        if (bucket->full_at_ms < best->full_at_ms) {
            best = bucket;
        }
    }
    if (best->full_at_ms <= now_ms) {
        *best = wanted; // a full bucket says nothing about its source
    }
    return best;
}

static bool take_token(wg_gate_t *gate, const wg_endpoint_t *source, uint64_t now_ms) {
    wg_gate_bucket_t *bucket = find_bucket(gate, source, now_ms);
    uint64_t full_at_ms = (bucket->full_at_ms > now_ms ? bucket->full_at_ms : now_ms) + TOKEN_MS;
    if (full_at_ms - now_ms > WG_GATE_BURST * TOKEN_MS) {
        return false;
    }
    bucket->full_at_ms = full_at_ms;
    return true;
}

// Under load: who has no right mac2 is owed a cookie, who has it may send so and so often.
static wg_status_t check_source(wg_gate_t *gate, const uint8_t *message, size_t mac2_at, const wg_endpoint_t *source,
                                uint64_t now_ms, uint8_t reply[WG_COOKIE_LEN]) {
    if (!gate->has_secret) {
        return WG_ERR_RATE;
    }
    uint8_t cookie[WG_MAC_LEN];
    uint8_t mac2[WG_MAC_LEN];
    make_cookie(gate, source, cookie);
    wg_blake2s(mac2, WG_MAC_LEN, message, mac2_at, cookie, WG_MAC_LEN);
    wg_status_t status = WG_OK;
    if (!wg_equal(mac2, message + mac2_at, WG_MAC_LEN)) {
        make_reply(gate, message, message + mac2_at - WG_MAC_LEN, cookie, reply);
        status = WG_ERR_COOKIE;
    } else if (!take_token(gate, source, now_ms)) {
        status = WG_ERR_RATE;
    }
    wg_wipe(cookie, sizeof(cookie));
    wg_wipe(mac2, sizeof(mac2));
    return status;
}

// A handshake message of len bytes: mac1 and mac2 are its last 32.
static wg_status_t check_macs(wg_gate_t *gate, const uint8_t *message, size_t len, const wg_endpoint_t *source,
                              uint64_t now_ms, uint8_t reply[WG_COOKIE_LEN]) {
    size_t mac2_at = len - WG_MAC_LEN;
    size_t mac1_at = mac2_at - WG_MAC_LEN;
    uint8_t mac1[WG_MAC_LEN];
    wg_blake2s(mac1, WG_MAC_LEN, message, mac1_at, gate->mac1_key, sizeof(gate->mac1_key));
    if (!gate->has_identity || !wg_equal(mac1, message + mac1_at, WG_MAC_LEN)) {
        return WG_ERR_MAC1;
    }
    if (count_in_second(&gate->handshakes, now_ms) > WG_GATE_LOAD_RATE) {
        wg_gate_set_loaded(gate, now_ms);
    }
    if (!wg_gate_is_loaded(gate, now_ms)) {
        return WG_OK;
    }
    return check_source(gate, message, mac2_at, source, now_ms, reply);
}

wg_status_t wg_gate_check(wg_gate_t *gate, uint8_t kind, const uint8_t *message, size_t len,
                          const wg_endpoint_t *source, uint64_t now_ms, uint8_t reply[WG_COOKIE_LEN]) {
    if (kind == 0 || kind > WG_MESSAGE_COOKIE) {
        return WG_ERR_TYPE;
    }
    if (kind != wg_message_kind_of_len(len)) {
        return WG_ERR_SHORT;
    }
    if (kind == WG_MESSAGE_COOKIE) {
        // Nothing in it can be tested here, and who has seen a right index must not crowd out the handshakes with it.
        return count_in_second(&gate->cookies, now_ms) > WG_GATE_COOKIE_RATE ? WG_ERR_RATE : WG_OK;
    }
    return check_macs(gate, message, len, source, now_ms, reply);
}
