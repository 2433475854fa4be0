// A server of TLS 1.3 in memory (RFC 8446) that says whatever it is told to, also what no server says: how the tests and the fuzzer see
// what a client makes of it. One suite (ChaCha20-Poly1305, SHA-256), one group (X25519), one certificate (self-signed, P-256).
#ifndef TLS_FAR_H
#define TLS_FAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cr_end.h"
#include "mbedtls/ecdsa.h"
#include "wg_aead.h"
#include "wg_bytes.h"
#include "wg_sha256.h"
#include "wg_x25519.h"

#define TLS_FAR_ROOM (1 << 17)

enum { FAR_CCS = 20, FAR_ALERT = 21, FAR_HANDSHAKE = 22, FAR_DATA = 23 }; // types of records
enum {
    FAR_HELLO = 2,
    FAR_TICKET = 4,
    FAR_EXTENSIONS = 8,
    FAR_CERTIFICATE = 11,
    FAR_VERIFY = 15,
    FAR_FINISHED = 20,
    FAR_KEY_UPDATE = 24
};

static const uint8_t CERTIFICATE[268] = {
    0x30, 0x82, 0x01, 0x08, 0x30, 0x81, 0xaf, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01, 0x30, 0x0a, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55,
    0x04, 0x03, 0x0c, 0x03, 0x66, 0x61, 0x72, 0x30, 0x1e, 0x17, 0x0d, 0x32, 0x36, 0x30, 0x31, 0x30, 0x31, 0x30,
    0x30, 0x30, 0x30, 0x30, 0x30, 0x5a, 0x17, 0x0d, 0x34, 0x36, 0x30, 0x31, 0x30, 0x31, 0x30, 0x30, 0x30, 0x30,
    0x30, 0x30, 0x5a, 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x03, 0x66, 0x61,
    0x72, 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04, 0x7d, 0x3d, 0xd0, 0x92, 0x57, 0xc0, 0x9d, 0xf2,
    0x1e, 0x10, 0xa0, 0x8f, 0x3b, 0xda, 0xe2, 0xd1, 0xc0, 0x38, 0x54, 0xa7, 0x22, 0x88, 0xab, 0xc7, 0x0a, 0x88,
    0x4a, 0x1a, 0xb6, 0xaa, 0x69, 0x7f, 0xa6, 0xb7, 0xcf, 0xe1, 0x64, 0x47, 0xdb, 0xe6, 0x0b, 0x74, 0xb8, 0x79,
    0xdb, 0x96, 0x7b, 0x8f, 0x87, 0x87, 0xaa, 0x3e, 0x2c, 0xde, 0xaa, 0xd8, 0x28, 0x8f, 0xda, 0x4f, 0xbd, 0x95,
    0xe8, 0xa6, 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x03, 0x48, 0x00, 0x30,
    0x45, 0x02, 0x20, 0x6e, 0x58, 0xec, 0xca, 0x1c, 0xc0, 0x1d, 0x1b, 0xaa, 0xef, 0xaa, 0xd7, 0x5e, 0xce, 0xc1,
    0x2a, 0x2e, 0x44, 0xe7, 0x6b, 0x48, 0x4f, 0xeb, 0x81, 0xc9, 0xcb, 0xdb, 0x93, 0xf9, 0x71, 0x68, 0xd5, 0x02,
    0x21, 0x00, 0xe9, 0xa6, 0xa3, 0x81, 0x65, 0x78, 0x00, 0x1f, 0x9d, 0xba, 0x67, 0x11, 0x01, 0xa9, 0x39, 0x7d,
    0x37, 0xea, 0xfb, 0x2d, 0xc7, 0x9d, 0x5f, 0x8a, 0xb6, 0xfa, 0xee, 0xbc, 0xfe, 0x9f, 0x9f, 0x6e};
static const uint8_t PRIVATE_KEY[32] = {0x61, 0x83, 0xe7, 0x34, 0x1a, 0x09, 0xc6, 0xff, 0xb1, 0x49, 0xdd,
                                        0x2f, 0x64, 0x42, 0x95, 0x09, 0x36, 0x62, 0xbf, 0x14, 0x24, 0x93,
                                        0x44, 0x26, 0xfd, 0x2b, 0x2e, 0xdf, 0x94, 0xe5, 0x35, 0x80};
static const uint8_t TLS_FAR_PIN[32] = {0xf1, 0x72, 0xbb, 0xea, 0xc0, 0x6d, 0x19, 0xaa, 0x71, 0x29, 0x32,
                                        0xce, 0xf8, 0x28, 0x0a, 0xbf, 0x92, 0x56, 0x86, 0x7c, 0x84, 0x99,
                                        0xa4, 0xbc, 0x78, 0x2a, 0xbc, 0xba, 0xef, 0x4a, 0x55, 0x91};

typedef struct {
    uint8_t key[32], iv[12];
    uint64_t count;
} tls_far_keys_t;

typedef struct tls_far {
    // What the client has said and nobody has read, and the other way round; how much the connection moves in one call, 0: all.
    uint8_t said[TLS_FAR_ROOM], for_client[TLS_FAR_ROOM];
    size_t said_len, for_client_len, given, piece;
    uint8_t transcript[TLS_FAR_ROOM];
    size_t transcript_len;
    uint8_t hello[1024]; // the client's, as it came, with its record's header
    size_t hello_len;
    uint8_t handshake_secret[32], client_secret[32], server_secret[32];
    tls_far_keys_t to_client, from_client;
    bool is_encrypted, is_cut;
    // What changes a message of the handshake before it is sent and hashed; NULL: nothing does. Room: 2048 bytes.
    void (*twist)(struct tls_far *far, uint8_t *message, size_t *len);
    void *twister;
} tls_far_t;

static inline void tls_far_must(bool claim) {
    if (!claim) {
        abort();
    }
}

// As if it had never met anybody.
static inline void tls_far_reset(tls_far_t *far) {
    far->said_len = far->for_client_len = far->given = far->piece = far->transcript_len = far->hello_len = 0;
    far->is_encrypted = far->is_cut = false;
    far->twist = NULL;
    far->twister = NULL;
}

// Any numbers will do; the same ones again.
static inline bool tls_far_fill(uint8_t *out, size_t len) {
    static uint32_t state = 1;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (uint8_t)(state >> 24);
    }
    return true;
}

static inline int tls_far_random(void *context, unsigned char *out, size_t len) {
    (void)context;
    return tls_far_fill(out, len) ? 0 : -1;
}

// --- the connection: hooks of a stream whose context begins with a pointer to the server ---

static inline size_t tls_far_most(const tls_far_t *far, size_t len) {
    return far->piece != 0 && len > far->piece ? far->piece : len;
}

static inline int tls_far_hear(tls_far_t *far, const uint8_t *data, size_t len) {
    if (far->is_cut) {
        return -CR_END_RESET;
    }
    len = tls_far_most(far, len);
    tls_far_must(far->said_len + len <= sizeof(far->said));
    memcpy(far->said + far->said_len, data, len);
    far->said_len += len;
    return (int)len;
}

static inline int tls_far_give(tls_far_t *far, uint8_t *data, size_t len) {
    const size_t left = far->for_client_len - far->given;
    len = tls_far_most(far, len < left ? len : left);
    if (len == 0) {
        return far->is_cut ? -CR_END_RESET : 0;
    }
    memcpy(data, far->for_client + far->given, len);
    far->given += len;
    return (int)len;
}

// --- records ---

static inline void tls_far_raw(tls_far_t *far, const uint8_t *data, size_t len) {
    if (far->given == far->for_client_len) {
        far->given = far->for_client_len = 0;
    }
    tls_far_must(far->for_client_len + len <= sizeof(far->for_client));
    memcpy(far->for_client + far->for_client_len, data, len);
    far->for_client_len += len;
}

static inline void tls_far_nonce(uint8_t nonce[12], const tls_far_keys_t *keys) {
    memcpy(nonce, keys->iv, 12);
    for (size_t i = 0; i < 8; i++) {
        nonce[11 - i] ^= (uint8_t)(keys->count >> (8 * i));
    }
}

// A record of up to 16 KiB, encrypted as soon as there are keys, with so many zeros behind it.
static inline void tls_far_record(tls_far_t *far, uint8_t type, const uint8_t *data, size_t len, size_t padding) {
    static uint8_t record[5 + (1 << 15)];
    uint8_t nonce[12];
    size_t inner = len;
    tls_far_must(len + padding + 32 <= sizeof(record));
    memset(record, 0, sizeof(record));
    record[0] = far->is_encrypted ? FAR_DATA : type;
    record[1] = record[2] = 3;
    if (len > 0) {
        memcpy(record + 5, data, len);
    }
    if (far->is_encrypted) {
        record[5 + len] = type;
        inner = len + 1 + padding + 16;
        wg_store16_be(record + 3, (uint16_t)inner);
        tls_far_nonce(nonce, &far->to_client);
        wg_aead_seal(record + 5, record + 5, inner - 16, record, 5, nonce, far->to_client.key);
        far->to_client.count++;
    }
    wg_store16_be(record + 3, (uint16_t)inner);
    tls_far_raw(far, record, 5 + inner);
}

// The next record of the client's, opened: its length, with its type in *type; 0: there is none, or it was empty.
static inline size_t tls_far_read(tls_far_t *far, uint8_t *type, uint8_t out[1 << 15]) {
    if (far->said_len < 5 || far->said_len < 5u + wg_load16_be(far->said + 3)) {
        return 0;
    }
    size_t len = wg_load16_be(far->said + 3);
    *type = far->said[0];
    if (*type == FAR_DATA) {
        uint8_t nonce[12];
        tls_far_nonce(nonce, &far->from_client);
        tls_far_must(wg_aead_open(out, far->said + 5, len, far->said, 5, nonce, far->from_client.key));
        far->from_client.count++;
        len -= 16;
        while (len > 0 && out[len - 1] == 0) {
            len--;
        }
        tls_far_must(len > 0);
        *type = out[--len];
    } else {
        memcpy(out, far->said + 5, len);
    }
    const size_t whole = 5u + wg_load16_be(far->said + 3);
    far->said_len -= whole;
    memmove(far->said, far->said + whole, far->said_len);
    return len;
}

// --- keys (RFC 8446, 7.1) ---

static inline void tls_far_expand(uint8_t *out, size_t out_len, const uint8_t secret[32], const char *label,
                                  const uint8_t *context, size_t context_len) {
    uint8_t info[128];
    const size_t label_len = strlen(label);
    size_t at = 0;
    wg_store16_be(info, (uint16_t)out_len);
    info[2] = (uint8_t)(6 + label_len);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, label_len);
    at = 9 + label_len;
    info[at++] = (uint8_t)context_len;
    if (context_len > 0) {
        memcpy(info + at, context, context_len);
    }
    wg_hkdf_sha256_expand(out, out_len, secret, info, at + context_len);
}

// Derive-Secret over all that was said till now, or over nothing.
static inline void tls_far_derive(const tls_far_t *far, uint8_t out[32], const uint8_t secret[32], const char *label,
                                  bool over_nothing) {
    uint8_t hash[32];
    wg_sha256(hash, far->transcript, over_nothing ? 0 : far->transcript_len);
    tls_far_expand(out, 32, secret, label, hash, sizeof(hash));
}

static inline void tls_far_use(tls_far_keys_t *keys, const uint8_t secret[32]) {
    tls_far_expand(keys->key, 32, secret, "key", NULL, 0);
    tls_far_expand(keys->iv, 12, secret, "iv", NULL, 0);
    keys->count = 0;
}

static inline void tls_far_note(tls_far_t *far, const uint8_t *message, size_t len) {
    tls_far_must(far->transcript_len + len <= sizeof(far->transcript));
    memcpy(far->transcript + far->transcript_len, message, len);
    far->transcript_len += len;
}

// --- the handshake ---

// A message with its header, in one record; `body` has room for what a twist does.
static inline void tls_far_message(tls_far_t *far, uint8_t type, const uint8_t *body, size_t len) {
    static uint8_t message[2048];
    memset(message, 0, sizeof(message));
    message[0] = type;
    wg_store16_be(message + 2, (uint16_t)len);
    memcpy(message + 4, body, len);
    len += 4;
    if (far->twist != NULL) {
        far->twist(far, message, &len);
    }
    tls_far_note(far, message, len);
    if (len > 0) {
        tls_far_record(far, FAR_HANDSHAKE, message, len, 0);
    }
}

// Where the body of an extension of the client's hello begins, and how long it is; NULL: it is not there.
static inline const uint8_t *tls_far_extension(const tls_far_t *far, uint16_t wanted, size_t *len) {
    const uint8_t *at = far->hello + 9 + 34, *end = far->hello + far->hello_len;
    at += 1 + at[0];
    at += 2 + wg_load16_be(at);
    at += 1 + at[0] + 2;
    for (; at + 4 <= end; at += 4 + *len) {
        *len = wg_load16_be(at + 2);
        if (wg_load16_be(at) == wanted) {
            return at + 4;
        }
    }
    return NULL;
}

static inline void tls_far_server_hello(tls_far_t *far, const uint8_t public_key[32]) {
    uint8_t body[256] = {3, 3}, *at = body + 2;
    const uint8_t *session = far->hello + 9 + 34;
    tls_far_fill(at, 32);
    at += 32;
    memcpy(at, session, 1u + session[0]);
    at += 1 + session[0];
    static const uint8_t REST[] = {0x13, 0x03, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32};
    memcpy(at, REST, sizeof(REST));
    at += sizeof(REST);
    memcpy(at, public_key, 32);
    tls_far_message(far, FAR_HELLO, body, (size_t)(at + 32 - body));
}

static inline void tls_far_sign(tls_far_t *far, uint8_t *body, size_t *len) {
    uint8_t signed_text[64 + 34 + 32], hash[32];
    memset(signed_text, ' ', 64);
    memcpy(signed_text + 64, "TLS 1.3, server CertificateVerify", 34);
    wg_sha256(signed_text + 98, far->transcript, far->transcript_len);
    wg_sha256(hash, signed_text, sizeof(signed_text));
    mbedtls_ecp_keypair key;
    mbedtls_ecp_keypair_init(&key);
    size_t signature_len = 0;
    bool is_signed = mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, &key, PRIVATE_KEY, sizeof(PRIVATE_KEY)) == 0 &&
                     mbedtls_ecdsa_write_signature(&key, MBEDTLS_MD_SHA256, hash, sizeof(hash), body + 4, 80,
                                                   &signature_len, tls_far_random, NULL) == 0;
    mbedtls_ecp_keypair_free(&key);
    memcpy(body, "\x04\x03", 2);
    wg_store16_be(body + 2, (uint16_t)signature_len);
    *len = 4 + signature_len;
    if (!is_signed) {
        *len = 4; // no memory: a signature that is none
    }
}

// Answer a ClientHello that has come: everything up to Finished, and the keys of what follows. False: there is none (any more).
static inline bool tls_far_answer(tls_far_t *far) {
    static const uint8_t private_key[32] = {9}, nothing[32] = {0};
    uint8_t public_key[32], shared[32], secret[32], key[32], body[512];
    size_t len;
    if (far->hello_len > 0 || far->said_len < 9 || far->said_len < 5u + wg_load16_be(far->said + 3)) {
        return false;
    }
    far->hello_len = 5u + wg_load16_be(far->said + 3);
    tls_far_must(far->hello_len <= sizeof(far->hello));
    memcpy(far->hello, far->said, far->hello_len);
    far->said_len = 0;
    const uint8_t *share = tls_far_extension(far, 51, &len);
    tls_far_must(share != NULL && len == 38 && wg_load16_be(share + 2) == 29);
    tls_far_note(far, far->hello + 5, far->hello_len - 5);
    wg_x25519_public(public_key, private_key);
    tls_far_must(wg_x25519(shared, private_key, share + 6));
    tls_far_server_hello(far, public_key);
    wg_hmac_sha256(secret, nothing, 32, nothing, 32); // early secret
    tls_far_derive(far, secret, secret, "derived", true);
    wg_hmac_sha256(far->handshake_secret, secret, 32, shared, 32);
    tls_far_derive(far, far->client_secret, far->handshake_secret, "c hs traffic", false);
    tls_far_derive(far, far->server_secret, far->handshake_secret, "s hs traffic", false);
    tls_far_use(&far->to_client, far->server_secret);
    tls_far_use(&far->from_client, far->client_secret);
    far->is_encrypted = true;
    tls_far_message(far, FAR_EXTENSIONS, (const uint8_t *)"\0\x0f\0\x10\0\x0b\0\x09\x08http/1.1", 17);
    memset(body, 0, 10);
    wg_store16_be(body + 2, sizeof(CERTIFICATE) + 5);
    wg_store16_be(body + 5, sizeof(CERTIFICATE));
    memcpy(body + 7, CERTIFICATE, sizeof(CERTIFICATE));
    memset(body + 7 + sizeof(CERTIFICATE), 0, 2);
    tls_far_message(far, FAR_CERTIFICATE, body, 9 + sizeof(CERTIFICATE));
    tls_far_sign(far, body, &len);
    tls_far_message(far, FAR_VERIFY, body, len);
    tls_far_expand(key, 32, far->server_secret, "finished", NULL, 0);
    wg_sha256(body, far->transcript, far->transcript_len);
    wg_hmac_sha256(body, key, 32, body, 32);
    tls_far_message(far, FAR_FINISHED, body, 32);
    // What follows Finished has other keys; the client's come when its Finished does.
    tls_far_derive(far, secret, far->handshake_secret, "derived", true);
    wg_hmac_sha256(secret, secret, 32, nothing, 32);
    tls_far_derive(far, far->server_secret, secret, "s ap traffic", false);
    tls_far_use(&far->to_client, far->server_secret);
    tls_far_derive(far, far->client_secret, secret, "c ap traffic", false);
    return true;
}

// Read up to the client's Finished, and take its next keys. False: it has not come.
static inline bool tls_far_finished(tls_far_t *far) {
    static uint8_t message[1 << 15];
    uint8_t type;
    for (size_t len; (len = tls_far_read(far, &type, message)) > 0;) {
        if (type == FAR_HANDSHAKE && message[0] == FAR_FINISHED) {
            tls_far_use(&far->from_client, far->client_secret);
            return true;
        }
    }
    return false;
}

#endif
