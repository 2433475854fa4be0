// What can become of a packet or a request. Everything above WG_OK that a stranger can cause is a drop, counted under its
// name; see wg_tunnel_t.drops.
#ifndef WG_STATUS_H
#define WG_STATUS_H

typedef enum {
    WG_OK = 0,
    WG_ERR_SHORT,       // too short, or a length that does not fit the message type
    WG_ERR_TYPE,        // unknown message type, or reserved bytes that are not zero
    WG_ERR_INDEX,       // receiver index that no keypair or handshake has
    WG_ERR_TAG,         // authentication failed
    WG_ERR_REPLAY,      // counter seen before, or older than the window
    WG_ERR_EXPIRED,     // keypair past REJECT_AFTER_TIME or REJECT_AFTER_MESSAGES
    WG_ERR_NO_KEY,      // no keypair that may send: a handshake is needed
    WG_ERR_NO_ENDPOINT, // peer whose outer address is not known
    WG_ERR_ROUTE,       // no peer's allowed IPs hold this destination
    WG_ERR_SOURCE,      // inner source is not among the peer's allowed IPs
    WG_ERR_INNER,       // inner packet that is no whole IPv4 or IPv6 packet
    WG_ERR_MAC1,        // handshake message whose mac1 is wrong
    WG_ERR_COOKIE,      // under load: mac2 missing or wrong, a cookie reply was owed
    WG_ERR_RATE,        // under load: this source has used up its handshakes
    WG_ERR_HANDSHAKE,   // handshake message refused by the protocol (unknown peer, old timestamp, bad key)
    WG_ERR_SPACE,       // a table, queue or buffer is full
    WG_STATUS_COUNT
} wg_status_t;

#endif
