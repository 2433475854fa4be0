// Runs the core with secrets that valgrind takes for uninitialised memory: a branch or an address that depends on one is an
// error. The test runs one named operation at a time; see test_secrets.py.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "wg_aead.h"
#include "wg_blake2s.h"
#include "wg_kdf.h"
#include "wg_pairing.h"
#include "wg_sha256.h"
#include "wg_shape_many.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

#define LONGEST 1500

static uint8_t secret[LONGEST];
static uint8_t text[LONGEST];
static uint8_t sealed[LONGEST + 64 + WG_TAG_LEN];
static uint8_t out[LONGEST + 64];
static uint8_t nonce[WG_XNONCE_LEN];
static volatile bool result;

static void hide(void *data, size_t len) {
    VALGRIND_MAKE_MEM_UNDEFINED(data, len);
}

// What became of secrets may be looked at: ciphertext, tags, answers.
static void show(void *data, size_t len) {
    VALGRIND_MAKE_MEM_DEFINED(data, len);
}

static const size_t lengths[] = {0, 1, 15, 16, 63, 64, 65, 127, 128, 200, 512, 1024, 1420};

#define EACH_LENGTH(len)                                                                                               \
    for (size_t at = 0, len = 0; at < sizeof(lengths) / sizeof(lengths[0]) && (len = lengths[at], true); at++)

static void seal(void) {
    EACH_LENGTH(len) {
        hide(secret, sizeof(secret));
        hide(text, sizeof(text));
        wg_aead_seal_padded(sealed, text + at % 2, len, -len & 15, nonce, 5, nonce, secret);
        wg_xaead_seal(sealed, text, len, nonce, 5, nonce, secret);
    }
}

static void open(void) {
    EACH_LENGTH(len) {
        show(secret, sizeof(secret));
        wg_aead_seal(sealed, text, len, NULL, 0, nonce, secret);
        hide(secret, sizeof(secret));
        result = wg_aead_open(out, sealed, len + WG_TAG_LEN, NULL, 0, nonce, secret);
        sealed[0] ^= 1;
        result = wg_aead_open(out, sealed, len + WG_TAG_LEN, NULL, 0, nonce, secret);
    }
}

static void x25519(void) {
    for (int i = 0; i < 2; i++) {
        hide(secret, sizeof(secret));
        hide(text, sizeof(text));
        result = wg_x25519(out, secret + i, text + i);
        wg_x25519_public(out, secret);
    }
}

static void hash(void) {
    EACH_LENGTH(len) {
        hide(secret, sizeof(secret));
        hide(text, sizeof(text));
        wg_blake2s(out, 16, text, len, secret, 32);
        wg_blake2s(out, 32, text + 1, len, NULL, 0);
    }
}

static void kdf(void) {
    hide(secret, sizeof(secret));
    wg_kdf(out, out + 32, out + 64, secret, secret + 32, 32);
    wg_kdf(out, NULL, NULL, secret, secret + 32, 0);
    wg_hmac(out, secret, 100, secret, 100);
}

static void sha256(void) {
    EACH_LENGTH(len) {
        hide(secret, sizeof(secret));
        hide(text, sizeof(text));
        wg_sha256(out, text + 1, len);
        wg_hmac_sha256(out, secret, 32, text, len);
        wg_hmac_sha256(out, secret, 100, text, len);
        wg_hkdf_sha256_expand(out, 100, secret, text, len);
    }
}

static void pairing(void) {
    wg_pairing_t end;
    hide(secret, sizeof(secret));
    wg_pairing_init(&end, secret);
    wg_pairing_public(&end, out);
    show(out, 32);
    // Whether there is a shared secret is for everyone to see: it depends on their key alone.
    result = wg_pairing_agree(&end, out, out);
    wg_pairing_sas(&end, out);
    wg_pairing_confirmation(&end, true, out);
    wg_pairing_confirmation(&end, false, out);
    wg_pairing_psk(&end, out);
    wg_pairing_wipe(&end);
}

// The key and the seed of a shape, and what is hidden under it. What kind a datagram is everyone may learn who sees the answer.
static void shape(void) {
    static const wg_shape_settings_t settings = {{16, 30, 100, 20}, {1, 2, 3, 4}, {1, 2, 3, 4}};
    static const size_t message_lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN, 1420};
    wg_shape_t end;
    wg_shaped_t found;
    hide(secret, sizeof(secret));
    result = wg_shape_init(&end, &settings, secret, secret + 32);
    for (uint8_t kind = 1; kind <= 4; kind++) {
        uint8_t *message = sealed + wg_shape_room(&end, kind);
        memset(message, 0, message_lengths[kind]);
        message[0] = kind;
        (void)wg_shape_wrap(&end, kind, message, message_lengths[kind]);
        size_t len = wg_shape_room(&end, kind) + message_lengths[kind];
        show(sealed, len);
        result = wg_shape_open(&end, sealed, len, &found) == WG_OK && found.kind == kind;
        result = wg_shape_open(&end, sealed, len, &found) == WG_OK;
    }
    wg_shape_wipe(&end);
}

// The same of several at once: as many as each width of registers has lanes.
static void shapes(void) {
    static const wg_shape_settings_t settings = {{16, 30, 100, 20}, {1, 2, 3, 4}, {1, 2, 3, 1u << 30}};
    static const size_t counts[] = {2, 4, 7, WG_SHAPE_MANY};
    static uint8_t datagrams[WG_SHAPE_MANY][100];
    uint8_t *begins[WG_SHAPE_MANY], *messages[WG_SHAPE_MANY];
    size_t lens[WG_SHAPE_MANY];
    wg_shape_t end;
    wg_shape_many_t many;
    wg_shape_spares_t spares = {.count = 0};
    wg_shaped_t found;
    hide(secret, sizeof(secret));
    result = wg_shape_init(&end, &settings, secret, secret + 32);
    for (size_t at = 0; at < sizeof(counts) / sizeof(counts[0]); at++) {
        for (size_t i = 0; i < counts[at]; i++) {
            begins[i] = datagrams[i], messages[i] = datagrams[i] + 20, lens[i] = 84;
        }
        wg_shape_wrap_many(&end, &spares, messages, counts[at]);
        show(datagrams, sizeof(datagrams));
        wg_shape_look(&end, &many, begins, lens, counts[at]);
        for (size_t i = 0; i < counts[at]; i++) {
            result = wg_shape_open_one(&end, &many, i, begins[i], lens[i], &found) == WG_OK;
        }
    }
    wg_shape_wipe(&end);
}

static void compare(void) {
    hide(secret, sizeof(secret));
    for (size_t len = 0; len < 40; len++) {
        result = wg_equal(secret, text, len);
        result = wg_is_zero(secret, len);
    }
}

// What this test must find: a comparison that stops at the first difference, and a table.
static bool compare_and_stop(const uint8_t *a, const uint8_t *b, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

static void leaky_branch(void) {
    hide(secret, sizeof(secret));
    result = compare_and_stop(secret, text, 16);
}

static void leaky_index(void) {
    hide(secret, sizeof(secret));
    out[0] = text[secret[0]];
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*run)(void);
    } operations[] = {
        {"seal", seal},
        {"open", open},
        {"x25519", x25519},
        {"hash", hash},
        {"kdf", kdf},
        {"sha256", sha256},
        {"pairing", pairing},
        {"shape", shape},
        {"shapes", shapes},
        {"compare", compare},
        {"leaky_branch", leaky_branch},
        {"leaky_index", leaky_index},
    };
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (argc == 2 && strcmp(argv[1], operations[i].name) == 0) {
            operations[i].run();
            return 0;
        }
    }
    return 2;
}
