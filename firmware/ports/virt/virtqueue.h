// A split virtqueue (virtio 1.1, section 2.6): descriptors, heads of chains offered to the device, and those it has used.
// Nothing here waits or tells the device; that is the driver's.
#ifndef VIRTQUEUE_H
#define VIRTQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "cpu.h"

enum { VIRTQUEUE_NEXT = 1, VIRTQUEUE_WRITE = 2 }; // descriptor flags; WRITE: by the device

// Little-endian, as both boards are.
typedef struct {
    uint32_t address, address_high;
    uint32_t len;
    uint16_t flags, next;
} virtqueue_descriptor_t;

typedef struct {
    uint16_t flags, index;
    uint16_t heads[];
} virtqueue_available_t;

typedef struct {
    uint16_t flags, index;
    struct {
        uint32_t head, len;
    } chains[];
} virtqueue_used_t;

typedef struct {
    virtqueue_descriptor_t *descriptors;
    volatile virtqueue_available_t *available;
    volatile virtqueue_used_t *used;
    uint16_t mask; // size - 1
    uint16_t offered, taken;
} virtqueue_t;

// Words of memory for a queue of so many descriptors, a power of two; to be aligned by VIRTQUEUE_ALIGNED.
#define VIRTQUEUE_AVAILABLE_AT(size) (4 * (size))
#define VIRTQUEUE_USED_AT(size) (VIRTQUEUE_AVAILABLE_AT(size) + 2 + (size) / 2)
#define VIRTQUEUE_WORDS(size) (VIRTQUEUE_USED_AT(size) + 2 + 2 * (size))
#define VIRTQUEUE_ALIGNED __attribute__((aligned(16)))

// Set the queue up in zeroed memory, and tell the device of it; false: the device refuses.
static inline bool virtqueue_init(virtqueue_t *queue, bus_device_t *device, unsigned number, uint16_t size,
                                  uint32_t *memory) {
    void *available = memory + VIRTQUEUE_AVAILABLE_AT(size);
    void *used = memory + VIRTQUEUE_USED_AT(size);
    queue->descriptors = (virtqueue_descriptor_t *)memory;
    queue->available = available;
    queue->used = used;
    queue->mask = size - 1;
    queue->offered = queue->taken = 0;
    return bus_set_queue(device, number, size, memory, available, used);
}

// Offer the chain that begins at a descriptor.
static inline void virtqueue_offer(virtqueue_t *queue, uint16_t head) {
    queue->available->heads[queue->offered & queue->mask] = head;
    cpu_barrier();
    queue->available->index = ++queue->offered;
}

static inline bool virtqueue_has_used(const virtqueue_t *queue) {
    return queue->used->index != queue->taken;
}

// Take the next chain that the device has used: its head, and how many bytes the device wrote; only after
// virtqueue_has_used().
static inline uint16_t virtqueue_take(virtqueue_t *queue, uint32_t *len) {
    cpu_barrier();
    const unsigned place = queue->taken++ & queue->mask;
    *len = queue->used->chains[place].len;
    return (uint16_t)queue->used->chains[place].head;
}

// Whether the device wants to be told of what was offered.
static inline bool virtqueue_wants_notice(const virtqueue_t *queue) {
    cpu_barrier();
    return (queue->used->flags & 1) == 0;
}

#endif
