// The gate before the handshake (paper 5.3, 5.4.4, 5.4.7): mac1 always; under load also mac2, or a cookie reply; then a
// token bucket for each source. Nothing here allocates or remembers a stranger's message.
#ifndef WG_GATE_H
#define WG_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_endpoint.h"
#include "wg_message.h"
#include "wg_status.h"

// Buckets; sources share one when there are more. A box has a few peers where a gateway has thousands: a board keeps 64.
#ifndef WG_GATE_SOURCES
#define WG_GATE_SOURCES 256
#endif
#define WG_GATE_RATE 20 // handshake messages per second and source under load
#define WG_GATE_BURST 5
#define WG_GATE_LOAD_RATE 1000    // handshake messages with a right mac1 per second that mean load on any machine
#define WG_GATE_COOKIE_RATE 100   // cookie replies that we wait for (wg_tunnel_expects()), per second from all sources
#define WG_GATE_LOAD_HOLD_MS 1000 // load lasts this long after its last sign
#define WG_GATE_SECRET_LIFE_MS 120000

typedef struct {
    uint8_t address[8]; // the source's IPv4 address, the first 64 bits of its IPv6 address, or its stream's number
    uint8_t family;
    uint64_t full_at_ms; // when its bucket is full again
} wg_gate_bucket_t;

// How many messages came in about the last second.
typedef struct {
    uint64_t begin_ms; // of the second being counted
    uint32_t count;
    uint32_t before; // in the second before that
} wg_gate_meter_t;

typedef struct {
    uint8_t mac1_key[32];   // HASH(LABEL_MAC1 || our public key)
    uint8_t cookie_key[32]; // HASH(LABEL_COOKIE || our public key)
    uint8_t secret[32];     // Rm of the paper, changed every two minutes
    uint8_t nonce_key[32];
    uint64_t nonce_count;
    uint64_t secret_born_ms;
    uint64_t loaded_until_ms;
    wg_gate_meter_t handshakes, cookies;
    bool has_identity, has_secret;
    wg_gate_bucket_t buckets[WG_GATE_SOURCES];
} wg_gate_t;

void wg_gate_init(wg_gate_t *gate);
void wg_gate_wipe(wg_gate_t *gate);
// Our public key, on which all macs stand.
void wg_gate_set_identity(wg_gate_t *gate, const uint8_t public_key[32]);
// No key, no handshakes: every mac1 is wrong from here on.
void wg_gate_clear_identity(wg_gate_t *gate);
// 64 fresh random bytes (the secret and the key of the nonces); wanted when wg_gate_wants_secret().
void wg_gate_set_secret(wg_gate_t *gate, const uint8_t random[64], uint64_t now_ms);
bool wg_gate_wants_secret(const wg_gate_t *gate, uint64_t now_ms);
// Say that the receiver of handshake messages cannot keep up.
void wg_gate_set_loaded(wg_gate_t *gate, uint64_t now_ms);
bool wg_gate_is_loaded(const wg_gate_t *gate, uint64_t now_ms);

// Judge a message of kind 1, 2 or 3, whatever type it has on the wire. WG_OK: hand it to the handshake. WG_ERR_COOKIE: send
// reply (WG_COOKIE_LEN bytes, plain) to the source; the message is dropped. Any other: drop. Cookie replies carry no mac and
// pass when their length is right, up to WG_GATE_COOKIE_RATE; the caller has dropped those to indices that a stranger can but
// guess.
wg_status_t wg_gate_check(wg_gate_t *gate, uint8_t kind, const uint8_t *message, size_t len,
                          const wg_endpoint_t *source, uint64_t now_ms, uint8_t reply[WG_COOKIE_LEN]);

#endif
