// The secrets of one pairing, "box-pair-1": what two ends derive once each has the other's public key and the hash of all
// that was said, T (firmware/lib/pairing/README.md). Order of calls: init, public, agree, then the others as often as wanted.
#ifndef WG_PAIRING_H
#define WG_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#define WG_PAIRING_SAS_LEN 8
#define WG_PAIRING_CONFIRMATION_LEN 16
#define WG_PAIRING_PSK_LEN 32

typedef struct {
    uint8_t ephemeral[32];  // X25519 private key; zero from agree() on
    uint8_t transcript[32]; // T
    uint8_t secret[32];     // what all the rest is derived from; zero before agree()
} wg_pairing_t;

// random: 32 bytes from the system's generator.
void wg_pairing_init(wg_pairing_t *pairing, const uint8_t random[32]);
void wg_pairing_public(const wg_pairing_t *pairing, uint8_t out[32]);

// theirs: their ephemeral public key. False: it shares a secret of zeros with everybody; all is wiped.
bool wg_pairing_agree(wg_pairing_t *pairing, const uint8_t theirs[32], const uint8_t transcript[32]);

// What people compare. It is no secret, but has to be derived from one.
void wg_pairing_sas(const wg_pairing_t *pairing, uint8_t out[WG_PAIRING_SAS_LEN]);
// What the initiator, or the responder, sends once its person has compared.
void wg_pairing_confirmation(const wg_pairing_t *pairing, bool is_initiator, uint8_t out[WG_PAIRING_CONFIRMATION_LEN]);
// WireGuard's preshared key.
void wg_pairing_psk(const wg_pairing_t *pairing, uint8_t out[WG_PAIRING_PSK_LEN]);

void wg_pairing_wipe(wg_pairing_t *pairing);

#endif
