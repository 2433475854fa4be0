#include "cr_queue.h"

#include <string.h>

static cr_item_t *item_at(const cr_queue_t *queue, unsigned number) {
    return &queue->items[(queue->first + number) % queue->capacity];
}

void cr_queue_init(cr_queue_t *queue, cr_item_t *items, uint16_t capacity) {
    *queue = (cr_queue_t){.items = items, .capacity = capacity};
}

bool cr_queue_put(cr_queue_t *queue, const cr_item_t *item, cr_item_t *loser) {
    const bool full = queue->count == queue->capacity;
    if (full) {
        queue->dropped++;
        cr_item_t *oldest = item_at(queue, 0);
        if (oldest->sent == 0) {
            *loser = cr_queue_take(queue);
        } else if (queue->count > 1) {
            // The one that was begun takes the place of the one behind it.
            cr_item_t *second = item_at(queue, 1);
            *loser = *second;
            *second = *oldest;
            (void)cr_queue_take(queue);
        } else {
            *loser = *item;
            return false;
        }
    }
    *item_at(queue, queue->count) = *item;
    queue->count++;
    return !full;
}

cr_item_t *cr_queue_first(const cr_queue_t *queue) {
    return cr_queue_at(queue, 0);
}

cr_item_t *cr_queue_at(const cr_queue_t *queue, uint16_t number) {
    return number < queue->count ? item_at(queue, number) : NULL;
}

cr_item_t cr_queue_take(cr_queue_t *queue) {
    const cr_item_t item = *item_at(queue, 0);
    queue->first = (uint16_t)((queue->first + 1u) % queue->capacity);
    queue->count--;
    return item;
}
