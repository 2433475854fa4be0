#include "wg_pairing.h"

#include <string.h>

#include "wg_sha256.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

// What each output is for (README, "Keys"). Without the zero at the end.
static const char sas_label[] = "box-pair-1 sas";
static const char initiator_label[] = "box-pair-1 confirm I";
static const char responder_label[] = "box-pair-1 confirm R";
static const char psk_label[] = "box-pair-1 wg psk";

static void derive(const wg_pairing_t *pairing, const char *label, uint8_t *out, size_t len) {
    wg_hkdf_sha256_expand(out, len, pairing->secret, (const uint8_t *)label, strlen(label));
}

void wg_pairing_init(wg_pairing_t *pairing, const uint8_t random[32]) {
    memset(pairing, 0, sizeof(*pairing));
    memcpy(pairing->ephemeral, random, 32);
}

void wg_pairing_public(const wg_pairing_t *pairing, uint8_t out[32]) {
    wg_x25519_public(out, pairing->ephemeral);
}

bool wg_pairing_agree(wg_pairing_t *pairing, const uint8_t theirs[32], const uint8_t transcript[32]) {
    uint8_t shared[32];
    bool is_agreed = wg_x25519(shared, pairing->ephemeral, theirs);
    wg_wipe(pairing->ephemeral, sizeof(pairing->ephemeral));
    if (is_agreed) {
        memcpy(pairing->transcript, transcript, 32);
        wg_hmac_sha256(pairing->secret, transcript, 32, shared, sizeof(shared));
    } else {
        wg_pairing_wipe(pairing);
    }
    wg_wipe(shared, sizeof(shared));
    return is_agreed;
}

void wg_pairing_sas(const wg_pairing_t *pairing, uint8_t out[WG_PAIRING_SAS_LEN]) {
    derive(pairing, sas_label, out, WG_PAIRING_SAS_LEN);
}

void wg_pairing_confirmation(const wg_pairing_t *pairing, bool is_initiator, uint8_t out[WG_PAIRING_CONFIRMATION_LEN]) {
    uint8_t key[WG_SHA256_LEN];
    uint8_t whole[WG_SHA256_LEN];
    derive(pairing, is_initiator ? initiator_label : responder_label, key, sizeof(key));
    wg_hmac_sha256(whole, key, sizeof(key), pairing->transcript, sizeof(pairing->transcript));
    memcpy(out, whole, WG_PAIRING_CONFIRMATION_LEN);
    wg_wipe(key, sizeof(key));
    wg_wipe(whole, sizeof(whole));
}

void wg_pairing_psk(const wg_pairing_t *pairing, uint8_t out[WG_PAIRING_PSK_LEN]) {
    derive(pairing, psk_label, out, WG_PAIRING_PSK_LEN);
}

void wg_pairing_wipe(wg_pairing_t *pairing) {
    wg_wipe(pairing, sizeof(*pairing));
}
