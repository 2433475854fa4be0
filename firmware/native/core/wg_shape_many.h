// The shape (wg_shape.h) of several datagrams at once, where data comes in batches: a block in each lane of a wide register hides
// several headers for hardly more than one.
#ifndef WG_SHAPE_MANY_H
#define WG_SHAPE_MANY_H

#include "wg_chacha20_heads.h"
#include "wg_shape.h"

#define WG_SHAPE_MANY WG_CHACHA20_HEADS

// What the blocks that hid headers had to spare: the first 16 bytes before as many messages to come. All zero: nothing yet.
typedef struct {
    uint32_t words[4][WG_SHAPE_MANY];
    size_t count;
} wg_shape_spares_t;

// wg_shape_wrap() of data, one message after the other, 0 to WG_SHAPE_MANY: a datagram begins wg_shape_room() bytes before each.
// spares: of whoever sends; each of them stands before one message.
void wg_shape_wrap_many(wg_shape_t *shape, wg_shape_spares_t *spares, uint8_t *const *messages, size_t count);

// What hides the headers of some datagrams.
typedef struct {
    wg_chacha20_heads_t heads;
    bool is_known;
} wg_shape_many_t;

// Look at datagrams that are to be opened, 0 to WG_SHAPE_MANY of any kind and length. Nothing is written to them.
void wg_shape_look(const wg_shape_t *shape, wg_shape_many_t *many, uint8_t *const *datagrams, const size_t *lens,
                   size_t count);
// wg_shape_open() of the i-th of them, which must be as it was.
wg_status_t wg_shape_open_one(wg_shape_t *shape, const wg_shape_many_t *many, size_t i, uint8_t *datagram, size_t len,
                              wg_shaped_t *found);

#endif
