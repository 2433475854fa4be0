// How datagrams look on the wire: AmneziaWG's shape. Random bytes stand before each message (S1 to S4, by its kind), its type is
// another number (H1 to H4, one each or a range to pick from), and with a key the message is hidden under ChaCha20: all of a
// handshake message, the header of data, with the datagram's first 12 bytes as the nonce. What is inside stays WireGuard's.
//
// A message in memory: initiations and responses have the type that they have on the wire from the start, because their macs
// cover it. Cookie replies and data have WireGuard's own and get theirs by wg_shape_wrap().
#ifndef WG_SHAPE_H
#define WG_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_chacha20.h"
#include "wg_chacha20_head.h"
#include "wg_message.h"
#include "wg_status.h"

#define WG_SHAPE_KINDS 4
// The most that may stand before a handshake message or cookie reply: 1280 bytes in all with the longest of them.
#define WG_SHAPE_ROOM_MAX 1132
// And before data.
#define WG_SHAPE_DATA_ROOM_MAX 64

// Each by kind - 1.
typedef struct {
    uint16_t sizes[WG_SHAPE_KINDS];
    uint32_t low[WG_SHAPE_KINDS], high[WG_SHAPE_KINDS]; // the types of a kind, both included
} wg_shape_settings_t;

typedef struct {
    wg_shape_settings_t settings;
    uint16_t totals[WG_SHAPE_KINDS]; // how long a handshake message's datagram is, and at least that of data
    bool is_protected;               // there is a key
    bool takes_plain;                // plain messages can be told from shaped ones, or are the same
    bool has_spare;                  // the last header left random bytes over
    uint8_t pool_at;                 // how many bytes of the pool were used
    wg_chacha20_head_t header;       // header protection, of data
    wg_chacha20_t message;           // and of all else; each datagram has its own nonce
    wg_chacha20_t chance;            // where random bytes come from
    uint32_t pool[WG_CHACHA20_BLOCK_LEN / 4];
    uint32_t spare[4];
} wg_shape_t;

// key: of header protection, NULL: none. seed: 32 random bytes, of which no other shape has the same. False, and *shape is
// all zero: a size is more than the maximum, or with a key less than 12; or a range is empty or overlaps another.
bool wg_shape_init(wg_shape_t *shape, const wg_shape_settings_t *settings, const uint8_t *key, const uint8_t seed[32]);
// After it the shape has no room and hides nothing; what it opens or wraps is of no use to anybody.
void wg_shape_wipe(wg_shape_t *shape);

// How many bytes stand before a message of this kind, 1 to 4.
static inline size_t wg_shape_room(const wg_shape_t *shape, uint8_t kind) {
    return shape->settings.sizes[kind - 1];
}

// Make a datagram of a message in place: wg_shape_room() bytes before it are written. Returns where the datagram begins.
uint8_t *wg_shape_wrap(wg_shape_t *shape, uint8_t kind, uint8_t *message, size_t len);

// What a datagram turned out to be.
typedef struct {
    uint8_t kind;    // WG_MESSAGE_...
    uint8_t shape;   // for wg_endpoint_t.shape: 0: it was plain
    uint16_t offset; // of the message; what is before it is of no more use
} wg_shaped_t;

// Find the message in a datagram, and uncover it in place: as WireGuard has it, but for the type of initiations and responses.
// WG_ERR_SHORT, WG_ERR_TYPE: it is none, and is untouched. Nothing is authenticated here.
wg_status_t wg_shape_open(wg_shape_t *shape, uint8_t *datagram, size_t len, wg_shaped_t *found);

#endif
