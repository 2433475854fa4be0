// One transport data message (paper 5.4.6).
#ifndef WG_TRANSPORT_H
#define WG_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "wg_keypair.h"
#include "wg_message.h"
#include "wg_status.h"

// Length of len inner bytes after padding to 16, but never beyond mtu (mtu 0: no limit known).
size_t wg_transport_padded_len(size_t len, size_t mtu);

// Seal len inner bytes into out: WG_TRANSPORT_OVERHEAD + padded_len bytes. padded_len - len < 16. out may be
// in - WG_TRANSPORT_PAYLOAD (in place with headroom). WG_ERR_NO_KEY, WG_ERR_EXPIRED: out is untouched.
wg_status_t wg_transport_seal(wg_keypair_t *keypair, uint8_t *out, const uint8_t *in, size_t len, size_t padded_len,
                              uint64_t now_ms);

// Open one message in place; the inner bytes, with padding, are then at datagram + WG_TRANSPORT_PAYLOAD. WG_ERR_SHORT, _TAG,
// _REPLAY, _EXPIRED: the keypair is unchanged (datagram may be decrypted after _REPLAY).
wg_status_t wg_transport_open(wg_keypair_t *keypair, uint8_t *datagram, size_t len, uint64_t now_ms,
                              size_t *padded_len);

#endif
