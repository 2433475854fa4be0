// Counts the instructions of the crypto core on an emulated microcontroller, inside the guest. Prints lines of a name and a
// value: "check ..." values in hexadecimal, for the host to compare with an independent implementation, then "count ..."
// numbers of instructions.
#include <string.h>

#include "report.h"
#include "wg_aead.h"
#include "wg_blake2s.h"
#include "wg_chacha20.h"
#include "wg_poly1305.h"
#include "wg_shape.h"
#include "wg_x25519.h"

#define LONGEST 1420
#define REPEATS 3
#define SHAPED 8
#define ROOM 16

static _Alignas(8) uint8_t plain[LONGEST];
static _Alignas(8) uint8_t sealed[LONGEST + WG_TAG_LEN];
static _Alignas(8) uint8_t opened[LONGEST];
static _Alignas(8) uint8_t key[WG_KEY_LEN];
static _Alignas(8) uint8_t point[32];
static _Alignas(8) uint8_t out[32];
static uint8_t nonce[WG_NONCE_LEN];
// Datagrams with the full shape: S4 = 16 and header protection.
static wg_shape_t shape;
static _Alignas(8) uint8_t shaped[SHAPED][ROOM + WG_TRANSPORT_OVERHEAD];
static const uint8_t header[] = {4, 0, 0, 0, 0xdd, 0xcc, 0xbb, 0xaa, 7, 0, 0, 0, 0, 0, 0, 0};
static size_t len;
static const size_t lengths[] = {64, 256, 1420};

static void write_hex(const uint8_t *data, size_t count) {
    for (size_t i = 0; i < count; i++) {
        guest_write(&"0123456789abcdef"[data[i] >> 4], 1);
        guest_write(&"0123456789abcdef"[data[i] & 15], 1);
    }
}

static void check(const char *name, const uint8_t *data, size_t count) {
    write_text("check ");
    write_text(name);
    write_text(" ");
    write_hex(data, count);
    write_text("\n");
}

// The host makes the same: byte i is i * multiplier + 1.
static void fill(uint8_t *data, size_t count, unsigned multiplier) {
    for (size_t i = 0; i < count; i++) {
        data[i] = (uint8_t)(i * multiplier + 1);
    }
}

static void self_test(void) {
    static const char *const names[] = {"seal_64", "seal_256", "seal_1420"};
    wg_blake2s(out, 32, (const uint8_t *)"abc", 3, NULL, 0);
    check("blake2s", out, 32);
    for (int i = 0; i < 3; i++) {
        len = lengths[i];
        wg_aead_seal(sealed, plain, len, NULL, 0, nonce, key);
        wg_blake2s(out, 32, sealed, len + WG_TAG_LEN, NULL, 0);
        check(names[i], out, 32);
        if (!wg_aead_open(opened, sealed, len + WG_TAG_LEN, NULL, 0, nonce, key) || memcmp(opened, plain, len) != 0) {
            fail("a sealed message does not open");
        }
        sealed[len] ^= 1;
        if (wg_aead_open(opened, sealed, len + WG_TAG_LEN, NULL, 0, nonce, key)) {
            fail("a forged message opens");
        }
        sealed[len] ^= 1;
    }
    wg_x25519(out, key, point);
    check("x25519", out, 32);
    // What stood before the message is random, so the other way around: a datagram that is known.
    for (uint8_t i = 0; i < ROOM; i++) {
        shaped[0][i] = 0x40 + i;
    }
    memset(shaped[0] + ROOM, 0, WG_TRANSPORT_OVERHEAD);
    wg_chacha20_xor(shaped[0] + ROOM, header, sizeof(header), key, shaped[0], 0);
    check("shape", shaped[0] + ROOM, sizeof(header));
    wg_shaped_t found;
    if (wg_shape_open(&shape, shaped[0], sizeof(shaped[0]), &found) != WG_OK || found.offset != ROOM ||
        memcmp(shaped[0] + ROOM, header, sizeof(header)) != 0) {
        fail("a shaped message is not found");
    }
}

static void nothing(void) {
}

static void seal(void) {
    wg_aead_seal(sealed, plain, len, NULL, 0, nonce, key);
}

static void open(void) {
    if (!wg_aead_open(opened, sealed, len + WG_TAG_LEN, NULL, 0, nonce, key)) {
        fail("a sealed message does not open");
    }
}

static void chacha20(void) {
    wg_chacha20_xor(opened, plain, len, key, nonce, 1);
}

static void poly1305(void) {
    wg_poly1305_t poly;
    wg_poly1305_init(&poly, key);
    wg_poly1305_update(&poly, plain, len);
    wg_poly1305_finish(&poly, out);
}

static void x25519(void) {
    wg_x25519(out, key, point);
}

static void blake2s(void) {
    wg_blake2s(out, 32, plain, 64, NULL, 0);
}

static void uncover(void) {
    for (int i = 0; i < SHAPED; i++) {
        memcpy(shaped[i] + ROOM, header, sizeof(header));
    }
}

static void wrap(void) {
    for (int i = 0; i < SHAPED; i++) {
        (void)wg_shape_wrap(&shape, WG_MESSAGE_TRANSPORT, shaped[i] + ROOM, WG_TRANSPORT_OVERHEAD);
    }
}

static void cover(void) {
    uncover();
    wrap();
}

static void unwrap(void) {
    wg_shaped_t found;
    for (int i = 0; i < SHAPED; i++) {
        if (wg_shape_open(&shape, shaped[i], sizeof(shaped[i]), &found) != WG_OK) {
            fail("a shaped message is not found");
        }
    }
}

static void (*prepare)(void) = nothing;

static uint32_t measure(void (*run)(void)) {
    uint32_t count = 0;
    for (int i = 0; i < REPEATS; i++) {
        prepare();
        guest_start();
        run();
        count = guest_stop();
    }
    return count;
}

static void count(const char *name, size_t bytes, void (*run)(void)) {
    len = bytes;
    uint32_t idle = measure(nothing);
    uint32_t number = measure(run) - idle;
    write_text("count ");
    write_text(name);
    if (bytes > 0) {
        write_text("_");
        write_number((uint32_t)bytes);
    }
    write_text(" ");
    write_number(number);
    write_text("\n");
}

// How many of the instructions of the last run() the machine had to emulate.
static void count_emulated(const char *name, size_t bytes, void (*run)(void)) {
    len = bytes;
    (void)measure(run);
    report(name, guest_emulated());
}

void bench_main(void) {
    guest_begin();
    fill(plain, sizeof(plain), 7);
    fill(key, sizeof(key), 3);
    fill(point, sizeof(point), 5);
    nonce[4] = 1;
    const wg_shape_settings_t settings = {{ROOM, ROOM, ROOM, ROOM}, {1, 2, 3, 4}, {1, 2, 3, 4}};
    if (!wg_shape_init(&shape, &settings, key, point)) {
        fail("a shape is refused");
    }
    self_test();
    for (int i = 0; i < 3; i++) {
        count("seal", lengths[i], seal);
        count("open", lengths[i], open);
    }
    count("chacha20", 1408, chacha20);
    count("poly1305", 1408, poly1305);
    count("x25519", 0, x25519);
    count("blake2s", 64, blake2s);
    prepare = uncover;
    count("wrap", SHAPED, wrap);
    prepare = cover;
    count("unwrap", SHAPED, unwrap);
    prepare = nothing;
    count_emulated("emulated_seal_1420", LONGEST, seal);
    count_emulated("emulated_x25519", 0, x25519);
    // Other secrets, of all ones, zeros and few bits: they must not cost more or less.
    memset(key, 0xff, sizeof(key));
    memset(plain, 0, sizeof(plain));
    memset(point, 0, sizeof(point));
    point[0] = 9;
    count("other_seal", LONGEST, seal);
    count("other_x25519", 0, x25519);
    count("other_blake2s", 64, blake2s);
    guest_exit(0);
}
