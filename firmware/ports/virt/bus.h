// How a virtio device is reached (virtio 1.1, sections 4.1 and 4.2): memory-mapped registers on one board, PCI on the other.
// Modern devices only (VIRTIO_F_VERSION_1).
#ifndef BUS_H
#define BUS_H

#include <stdbool.h>
#include <stdint.h>

enum { BUS_NET = 1, BUS_BLOCK = 2, BUS_RANDOM = 4 }; // virtio 1.1, section 5

#define BUS_QUEUES 2

typedef struct {
    uintptr_t common; // where the registers are
    uintptr_t config; // the device's own configuration
    uintptr_t isr;
    uintptr_t notify[BUS_QUEUES]; // what is written to for each queue
} bus_device_t;

// The nth device of a kind in the order of the machine's slots; false: there are not so many. Reset, and its driver acknowledged.
bool bus_find(uint32_t kind, unsigned nth, bus_device_t *device);
// Take of the wanted low 32 feature bits what the device offers (into *got) and agree on them; false: it refuses.
bool bus_negotiate(bus_device_t *device, uint32_t wanted, uint32_t *got);
// Tell where a queue of size descriptors lies; false: the device has no such queue or only a smaller one.
bool bus_set_queue(bus_device_t *device, unsigned queue, uint16_t size, const void *descriptors, const void *available,
                   const void *used);
void bus_start(bus_device_t *device); // DRIVER_OK
void bus_notify(const bus_device_t *device, unsigned queue);
// Silence the device's interrupt line; whether its configuration has changed since the last time.
bool bus_acknowledge(const bus_device_t *device);
uint8_t bus_config_8(const bus_device_t *device, unsigned offset);
uint32_t bus_config_32(const bus_device_t *device, unsigned offset);

#endif
