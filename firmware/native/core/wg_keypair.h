// The transport keys of one handshake (paper 5.4.5), and their limits (paper 6.1).
#ifndef WG_KEYPAIR_H
#define WG_KEYPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "wg_chacha20.h"
#include "wg_replay.h"

#define WG_REKEY_AFTER_MESSAGES (UINT64_C(1) << 60)
#define WG_REJECT_AFTER_MESSAGES (UINT64_MAX - (UINT64_C(1) << 13))
#define WG_REKEY_AFTER_TIME_MS 120000
#define WG_REJECT_AFTER_TIME_MS 180000
#define WG_KEEPALIVE_TIMEOUT_MS 10000
#define WG_REKEY_TIMEOUT_MS 5000

typedef struct {
    uint8_t send_key[WG_KEY_LEN];
    uint8_t receive_key[WG_KEY_LEN];
    uint64_t send_counter; // of the next message
    uint64_t born_ms;
    wg_replay_t replay;
    uint32_t local_index;  // what the peer writes into its messages
    uint32_t remote_index; // what we write into ours
    bool valid;
    bool is_initiator;
} wg_keypair_t;

void wg_keypair_set(wg_keypair_t *keypair, const uint8_t send_key[WG_KEY_LEN], const uint8_t receive_key[WG_KEY_LEN],
                    bool is_initiator, uint32_t local_index, uint32_t remote_index, uint64_t now_ms);
void wg_keypair_wipe(wg_keypair_t *keypair);

// Milliseconds since its handshake.
uint64_t wg_keypair_age_ms(const wg_keypair_t *keypair, uint64_t now_ms);
// Whether it is valid and younger than 180 s. Counters have their own limits: the sender's is tested by wg_transport_seal(),
// the receiver's by wg_transport_open().
bool wg_keypair_usable(const wg_keypair_t *keypair, uint64_t now_ms);
// Whether sending with it should start a new handshake: after 2^60 messages, or, for the initiator, after 120 s.
bool wg_keypair_wants_rekey(const wg_keypair_t *keypair, uint64_t now_ms);
// Whether receiving with it should: for the initiator, when a keepalive and a handshake just fit before it ends (165 s).
bool wg_keypair_ends_soon(const wg_keypair_t *keypair, uint64_t now_ms);

#endif
