// virtio over PCI (virtio 1.1, section 4.1). A device's capabilities say which of its ranges hold what.

#include "bus.h"

#include "cpu.h"
#include "pci.h"
#include "registers.h"

enum { FIRST_MODERN_DEVICE = 0x1040, FIRST_TRANSITIONAL_DEVICE = 0x1000, LAST_DEVICE = 0x107f };
enum { CAPABILITY_VENDOR = 0x09 }; // ID of virtio's
enum {
    CAPABILITY_NEXT = 1,
    CAPABILITY_KIND = 3,
    CAPABILITY_BAR = 4,
    CAPABILITY_OFFSET = 8,
    CAPABILITY_NOTIFY_STEP = 16
};
enum { KIND_COMMON = 1, KIND_NOTIFY = 2, KIND_ISR = 3, KIND_DEVICE = 4 };

enum {
    DEVICE_FEATURE_SELECT = 0,
    DEVICE_FEATURE = 4,
    DRIVER_FEATURE_SELECT = 8,
    DRIVER_FEATURE = 12,
    STATUS = 20,
    QUEUE_SELECT = 22,
    QUEUE_SIZE = 24,
    QUEUE_ENABLE = 28,
    QUEUE_NOTIFY_OFFSET = 30,
    QUEUE_DESCRIPTORS = 32, // each of the three 64 bits
    QUEUE_AVAILABLE = 40,
    QUEUE_USED = 48,
};
enum { STATUS_ACKNOWLEDGE = 1, STATUS_DRIVER = 2, STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8 };
enum { ISR_CONFIGURATION = 2 };
#define VERSION_1 1u // in the high word

// What kind of virtio device sits in a slot, 0: none.
static uint32_t kind_of(unsigned slot) {
    uintptr_t config = pci_config(slot);
    uint16_t device = *register_16(config + PCI_DEVICE);
    if (*register_16(config + PCI_VENDOR) != PCI_VENDOR_QUMRANET || device < FIRST_TRANSITIONAL_DEVICE ||
        device > LAST_DEVICE) {
        return 0;
    }
    return device >= FIRST_MODERN_DEVICE ? (uint32_t)device - FIRST_MODERN_DEVICE
                                         : *register_16(config + PCI_SUBSYSTEM);
}

// Find the device's registers; false: it has no modern ones.
static bool read_capabilities(unsigned slot, bus_device_t *device) {
    uintptr_t config = pci_config(slot);
    uintptr_t notify = 0;
    uint32_t notify_step = 0;
    *device = (bus_device_t){0};
    for (uintptr_t at = *register_8(config + PCI_CAPABILITIES); at != 0;
         at = *register_8(config + at + CAPABILITY_NEXT)) {
        if (*register_8(config + at) != CAPABILITY_VENDOR) {
            continue;
        }
        uintptr_t range = pci_range(slot, *register_8(config + at + CAPABILITY_BAR));
        uintptr_t place = range + *register_32(config + at + CAPABILITY_OFFSET);
        switch (range == 0 ? 0 : *register_8(config + at + CAPABILITY_KIND)) {
        case KIND_COMMON:
            device->common = place;
            break;
        case KIND_NOTIFY:
            notify = place;
            notify_step = *register_32(config + at + CAPABILITY_NOTIFY_STEP);
            break;
        case KIND_ISR:
            device->isr = place;
            break;
        case KIND_DEVICE:
            device->config = place;
            break;
        default:
            break;
        }
    }
    if (device->common == 0 || device->isr == 0 || notify == 0) {
        return false;
    }
    for (unsigned queue = 0; queue < BUS_QUEUES; queue++) {
        *register_16(device->common + QUEUE_SELECT) = (uint16_t)queue;
        device->notify[queue] = notify + *register_16(device->common + QUEUE_NOTIFY_OFFSET) * notify_step;
    }
    return true;
}

bool bus_find(uint32_t kind, unsigned nth, bus_device_t *device) {
    for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
        if (kind_of(slot) != kind || nth-- != 0) {
            continue;
        }
        if (!read_capabilities(slot, device)) {
            return false;
        }
        volatile uint8_t *status = register_8(device->common + STATUS);
        *status = 0;
        while (*status != 0) {
        }
        *status = STATUS_ACKNOWLEDGE;
        *status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
        return true;
    }
    return false;
}

bool bus_negotiate(bus_device_t *device, uint32_t wanted, uint32_t *got) {
    uintptr_t common = device->common;
    *register_32(common + DEVICE_FEATURE_SELECT) = 1;
    if ((*register_32(common + DEVICE_FEATURE) & VERSION_1) == 0) {
        return false;
    }
    *register_32(common + DEVICE_FEATURE_SELECT) = 0;
    *got = *register_32(common + DEVICE_FEATURE) & wanted;
    *register_32(common + DRIVER_FEATURE_SELECT) = 0;
    *register_32(common + DRIVER_FEATURE) = *got;
    *register_32(common + DRIVER_FEATURE_SELECT) = 1;
    *register_32(common + DRIVER_FEATURE) = VERSION_1;
    volatile uint8_t *status = register_8(common + STATUS);
    *status |= STATUS_FEATURES_OK;
    return (*status & STATUS_FEATURES_OK) != 0;
}

static void set_address(uintptr_t at, const void *address) {
    *register_32(at) = (uint32_t)(uintptr_t)address;
    *register_32(at + 4) = 0;
}

bool bus_set_queue(bus_device_t *device, unsigned queue, uint16_t size, const void *descriptors, const void *available,
                   const void *used) {
    uintptr_t common = device->common;
    *register_16(common + QUEUE_SELECT) = (uint16_t)queue;
    if (*register_16(common + QUEUE_SIZE) < size) {
        return false;
    }
    *register_16(common + QUEUE_SIZE) = size;
    set_address(common + QUEUE_DESCRIPTORS, descriptors);
    set_address(common + QUEUE_AVAILABLE, available);
    set_address(common + QUEUE_USED, used);
    *register_16(common + QUEUE_ENABLE) = 1;
    return true;
}

void bus_start(bus_device_t *device) {
    cpu_barrier();
    *register_8(device->common + STATUS) |= STATUS_DRIVER_OK;
}

void bus_notify(const bus_device_t *device, unsigned queue) {
    cpu_barrier();
    *register_16(device->notify[queue]) = (uint16_t)queue;
}

bool bus_acknowledge(const bus_device_t *device) {
    return (*register_8(device->isr) & ISR_CONFIGURATION) != 0;
}

uint8_t bus_config_8(const bus_device_t *device, unsigned offset) {
    return *register_8(device->config + offset);
}

uint32_t bus_config_32(const bus_device_t *device, unsigned offset) {
    return *register_32(device->config + offset);
}
