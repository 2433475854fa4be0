// Frames that wait for a connection to take them: by reference, bounded, and the oldest goes when there is no place. What waits
// long in front of TCP is sent again by the TCP inside, so that a long queue only makes things worse.
#ifndef CR_QUEUE_H
#define CR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data; // the frame
    void *owner;   // what its memory is a part of, for who gets it back
    uint32_t len;
    uint32_t sent; // bytes of it that the connection has taken
} cr_item_t;

typedef struct {
    cr_item_t *items;
    uint16_t capacity, first, count;
    uint32_t dropped; // frames that had to go, or came when nothing could
} cr_queue_t;

// items: memory for capacity of them (1 or more), the queue's own from now on.
void cr_queue_init(cr_queue_t *queue, cr_item_t *items, uint16_t capacity);
// Put an item behind all others. False: there was no place for all, and *loser has to go: the oldest of which nothing was sent yet
// (a frame that was begun has to be finished), which may be the new one itself.
bool cr_queue_put(cr_queue_t *queue, const cr_item_t *item, cr_item_t *loser);
// The oldest, or NULL; the one after so many others.
cr_item_t *cr_queue_first(const cr_queue_t *queue);
cr_item_t *cr_queue_at(const cr_queue_t *queue, uint16_t number);
// Take the oldest off; there must be one.
cr_item_t cr_queue_take(cr_queue_t *queue);

#endif
