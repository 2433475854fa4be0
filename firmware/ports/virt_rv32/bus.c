// virtio devices at memory-mapped registers (virtio 1.1, section 4.2): QEMU's `virt` has eight slots for them.

#include "bus.h"

#include <stddef.h>

#define SLOTS 8
#define SLOT(n) (0x10001000u + (n) * 0x1000u)

enum {
    MAGIC = 0x000,
    VERSION = 0x004,
    DEVICE_ID = 0x008,
    DEVICE_FEATURES = 0x010,
    DEVICE_FEATURES_SELECT = 0x014,
    DRIVER_FEATURES = 0x020,
    DRIVER_FEATURES_SELECT = 0x024,
    QUEUE_SELECT = 0x030,
    QUEUE_SIZE_MAX = 0x034,
    QUEUE_SIZE = 0x038,
    QUEUE_READY = 0x044,
    QUEUE_NOTIFY = 0x050,
    INTERRUPT_STATUS = 0x060,
    INTERRUPT_ACKNOWLEDGE = 0x064,
    STATUS = 0x070,
    QUEUE_DESCRIPTORS = 0x080, // low word, and the high one behind it
    QUEUE_AVAILABLE = 0x090,
    QUEUE_USED = 0x0a0,
    CONFIG = 0x100,
};

enum { STATUS_ACKNOWLEDGE = 1, STATUS_DRIVER = 2, STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8 };
enum { INTERRUPT_CONFIG = 2 };

#define MAGIC_VALUE 0x74726976u
#define MODERN 2
#define FEATURE_VERSION_1 1u // of the high 32 bits

static volatile uint32_t *at(uintptr_t base, uint32_t offset) {
    return (volatile uint32_t *)(base + offset);
}

bool bus_find(uint32_t kind, unsigned nth, bus_device_t *device) {
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        const uintptr_t base = SLOT(slot);
        if (*at(base, MAGIC) != MAGIC_VALUE || *at(base, VERSION) != MODERN || *at(base, DEVICE_ID) != kind) {
            continue;
        }
        if (nth-- > 0) {
            continue;
        }
        *device = (bus_device_t){.common = base, .config = base + CONFIG, .isr = base + INTERRUPT_STATUS};
        for (unsigned i = 0; i < BUS_QUEUES; i++) {
            device->notify[i] = base + QUEUE_NOTIFY;
        }
        *at(base, STATUS) = 0;
        *at(base, STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
        return true;
    }
    return false;
}

bool bus_negotiate(bus_device_t *device, uint32_t wanted, uint32_t *got) {
    const uintptr_t base = device->common;
    *at(base, DEVICE_FEATURES_SELECT) = 0;
    *got = *at(base, DEVICE_FEATURES) & wanted;
    *at(base, DRIVER_FEATURES_SELECT) = 0;
    *at(base, DRIVER_FEATURES) = *got;
    *at(base, DRIVER_FEATURES_SELECT) = 1;
    *at(base, DRIVER_FEATURES) = FEATURE_VERSION_1;
    *at(base, STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
    return (*at(base, STATUS) & STATUS_FEATURES_OK) != 0;
}

static void set_address(uintptr_t base, uint32_t offset, const void *address) {
    *at(base, offset) = (uint32_t)(uintptr_t)address;
    *at(base, offset + 4) = 0;
}

bool bus_set_queue(bus_device_t *device, unsigned queue, uint16_t size, const void *descriptors, const void *available,
                   const void *used) {
    const uintptr_t base = device->common;
    *at(base, QUEUE_SELECT) = queue;
    if (*at(base, QUEUE_SIZE_MAX) < size) {
        return false;
    }
    *at(base, QUEUE_SIZE) = size;
    set_address(base, QUEUE_DESCRIPTORS, descriptors);
    set_address(base, QUEUE_AVAILABLE, available);
    set_address(base, QUEUE_USED, used);
    *at(base, QUEUE_READY) = 1;
    return true;
}

void bus_start(bus_device_t *device) {
    *at(device->common, STATUS) = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK;
}

void bus_notify(const bus_device_t *device, unsigned queue) {
    *at(device->notify[queue], 0) = queue;
}

bool bus_acknowledge(const bus_device_t *device) {
    const uint32_t status = *at(device->isr, 0);
    if (status != 0) {
        *at(device->common, INTERRUPT_ACKNOWLEDGE) = status;
    }
    return (status & INTERRUPT_CONFIG) != 0;
}

uint8_t bus_config_8(const bus_device_t *device, unsigned offset) {
    return *(volatile uint8_t *)(device->config + offset);
}

uint32_t bus_config_32(const bus_device_t *device, unsigned offset) {
    return *at(device->config, offset);
}
