#include "wg_keypair.h"

#include <string.h>

#include "wg_wipe.h"

void wg_keypair_set(wg_keypair_t *keypair, const uint8_t send_key[WG_KEY_LEN], const uint8_t receive_key[WG_KEY_LEN],
                    bool is_initiator, uint32_t local_index, uint32_t remote_index, uint64_t now_ms) {
    memcpy(keypair->send_key, send_key, WG_KEY_LEN);
    memcpy(keypair->receive_key, receive_key, WG_KEY_LEN);
    keypair->send_counter = 0;
    keypair->born_ms = now_ms;
    wg_replay_reset(&keypair->replay);
    keypair->local_index = local_index;
    keypair->remote_index = remote_index;
    keypair->is_initiator = is_initiator;
    keypair->valid = true;
}

void wg_keypair_wipe(wg_keypair_t *keypair) {
    wg_wipe(keypair, sizeof(*keypair));
}

uint64_t wg_keypair_age_ms(const wg_keypair_t *keypair, uint64_t now_ms) {
    // Readings of the clock may reach us out of order by a little; such a keypair is new, not 2^64 ms old.
    return now_ms > keypair->born_ms ? now_ms - keypair->born_ms : 0;
}

bool wg_keypair_usable(const wg_keypair_t *keypair, uint64_t now_ms) {
    return keypair->valid && wg_keypair_age_ms(keypair, now_ms) < WG_REJECT_AFTER_TIME_MS;
}

bool wg_keypair_wants_rekey(const wg_keypair_t *keypair, uint64_t now_ms) {
    if (!keypair->valid) {
        return false;
    }
    return keypair->send_counter >= WG_REKEY_AFTER_MESSAGES ||
           (keypair->is_initiator && wg_keypair_age_ms(keypair, now_ms) >= WG_REKEY_AFTER_TIME_MS);
}

bool wg_keypair_ends_soon(const wg_keypair_t *keypair, uint64_t now_ms) {
    return keypair->valid && keypair->is_initiator &&
           wg_keypair_age_ms(keypair, now_ms) >=
               WG_REJECT_AFTER_TIME_MS - WG_KEEPALIVE_TIMEOUT_MS - WG_REKEY_TIMEOUT_MS;
}
