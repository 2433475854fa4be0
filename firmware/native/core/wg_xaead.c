#include "wg_aead.h"

#include <string.h>

#include "wg_wipe.h"

// A subkey of the nonce's first 16 bytes, and a nonce of its last 8.
static void derive(uint8_t subkey[WG_KEY_LEN], uint8_t subnonce[WG_NONCE_LEN], const uint8_t nonce[WG_XNONCE_LEN],
                   const uint8_t key[WG_KEY_LEN]) {
    wg_hchacha20(subkey, key, nonce);
    memset(subnonce, 0, 4);
    memcpy(subnonce + 4, nonce + 16, 8);
}

void wg_xaead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t nonce[WG_XNONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    uint8_t subkey[WG_KEY_LEN];
    uint8_t subnonce[WG_NONCE_LEN];
    derive(subkey, subnonce, nonce, key);
    wg_aead_seal(out, in, len, ad, ad_len, subnonce, subkey);
    wg_wipe(subkey, sizeof(subkey));
}

bool wg_xaead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t nonce[WG_XNONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    uint8_t subkey[WG_KEY_LEN];
    uint8_t subnonce[WG_NONCE_LEN];
    derive(subkey, subnonce, nonce, key);
    bool ok = wg_aead_open(out, in, len, ad, ad_len, subnonce, subkey);
    wg_wipe(subkey, sizeof(subkey));
    return ok;
}
