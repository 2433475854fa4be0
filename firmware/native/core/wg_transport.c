#include "wg_transport.h"

#include "wg_aead.h"
#include "wg_bytes.h"

size_t wg_transport_padded_len(size_t len, size_t mtu) {
    size_t padded_len = (len + WG_PADDING - 1) / WG_PADDING * WG_PADDING;
    if (mtu != 0 && padded_len > mtu) {
        padded_len = len > mtu ? len : mtu;
    }
    return padded_len;
}

wg_status_t wg_transport_seal(wg_keypair_t *keypair, uint8_t *out, const uint8_t *in, size_t len, size_t padded_len,
                              uint64_t now_ms) {
    if (!keypair->valid) {
        return WG_ERR_NO_KEY;
    }
    if (!wg_keypair_usable(keypair, now_ms) || keypair->send_counter >= WG_REJECT_AFTER_MESSAGES) {
        return WG_ERR_EXPIRED;
    }
    // Taken before it is used: whatever happens below, no nonce serves twice.
    uint64_t counter = keypair->send_counter++;
    uint8_t nonce[WG_NONCE_LEN];
    wg_nonce(nonce, counter);
    wg_aead_seal_padded(out + WG_TRANSPORT_PAYLOAD, in, len, padded_len - len, NULL, 0, nonce, keypair->send_key);
    wg_store32_le(out, WG_MESSAGE_TRANSPORT);
    wg_store32_le(out + WG_TRANSPORT_RECEIVER, keypair->remote_index);
    wg_store64_le(out + WG_TRANSPORT_COUNTER, counter);
    return WG_OK;
}

wg_status_t wg_transport_open(wg_keypair_t *keypair, uint8_t *datagram, size_t len, uint64_t now_ms,
                              size_t *padded_len) {
    if (len < WG_TRANSPORT_OVERHEAD) {
        return WG_ERR_SHORT;
    }
    uint64_t counter = wg_load64_le(datagram + WG_TRANSPORT_COUNTER);
    if (!wg_keypair_usable(keypair, now_ms) || counter >= WG_REJECT_AFTER_MESSAGES) {
        return WG_ERR_EXPIRED;
    }
    uint8_t nonce[WG_NONCE_LEN];
    wg_nonce(nonce, counter);
    uint8_t *payload = datagram + WG_TRANSPORT_PAYLOAD;
    if (!wg_aead_open(payload, payload, len - WG_TRANSPORT_PAYLOAD, NULL, 0, nonce, keypair->receive_key)) {
        return WG_ERR_TAG;
    }
    // Only what the peer has written may move the window.
    if (!wg_replay_accept(&keypair->replay, counter)) {
        return WG_ERR_REPLAY;
    }
    *padded_len = len - WG_TRANSPORT_OVERHEAD;
    return WG_OK;
}
