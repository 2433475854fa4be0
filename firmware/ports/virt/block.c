#include "block.h"

#include "bus.h"
#include "cpu.h"
#include "virtqueue.h"

enum { REQUEST_READ = 0, REQUEST_WRITE = 1, REQUEST_FLUSH = 4 };
// Without this one the device would flush after every write.
enum { FEATURE_FLUSH = 1 << 9 };
enum { CONFIG_SECTORS = 0 };

#define DESCRIPTORS 4
#define WAIT_US 10000

typedef struct {
    uint32_t type, reserved;
    uint32_t sector, sector_high;
} request_t;

static bus_device_t device;
static virtqueue_t queue;
static uint32_t memory[VIRTQUEUE_WORDS(DESCRIPTORS)] VIRTQUEUE_ALIGNED;
static uint32_t sectors;
static bool can_flush;
static request_t request;
static volatile uint8_t status;

bool block_init(void) {
    uint32_t features;
    if (!bus_find(BUS_BLOCK, 0, &device) || !bus_negotiate(&device, FEATURE_FLUSH, &features) ||
        !virtqueue_init(&queue, &device, 0, DESCRIPTORS, memory)) {
        return false;
    }
    can_flush = (features & FEATURE_FLUSH) != 0;
    bus_start(&device);
    sectors = bus_config_32(&device, CONFIG_SECTORS);
    return true;
}

uint32_t block_sectors(void) {
    return sectors;
}

static bool perform(uint32_t type, uint32_t sector, uintptr_t data, size_t len) {
    if (sector > sectors || len / BLOCK_SECTOR > sectors - sector || len % BLOCK_SECTOR != 0) {
        return false;
    }
    request = (request_t){.type = type, .sector = sector};
    status = 0xff;
    virtqueue_descriptor_t *next = queue.descriptors;
    *next++ = (virtqueue_descriptor_t){
        .address = (uint32_t)(uintptr_t)&request, .len = sizeof(request), .flags = VIRTQUEUE_NEXT, .next = 1};
    if (len > 0) {
        const uint16_t direction = type == REQUEST_READ ? VIRTQUEUE_WRITE : 0;
        *next++ = (virtqueue_descriptor_t){
            .address = (uint32_t)data, .len = (uint32_t)len, .flags = VIRTQUEUE_NEXT | direction, .next = 2};
    }
    *next = (virtqueue_descriptor_t){.address = (uint32_t)(uintptr_t)&status, .len = 1, .flags = VIRTQUEUE_WRITE};

    virtqueue_offer(&queue, 0);
    cpu_barrier();
    bus_notify(&device, 0);
    while (!virtqueue_has_used(&queue)) {
        cpu_sleep_until(cpu_time_us() + WAIT_US);
        bus_acknowledge(&device);
    }
    // Also when it was faster than the loop: an interrupt that stays would keep the box awake for ever.
    bus_acknowledge(&device);
    uint32_t written;
    virtqueue_take(&queue, &written);
    return status == 0;
}

bool block_read(uint32_t sector, uint8_t *out, size_t len) {
    return sectors > 0 && perform(REQUEST_READ, sector, (uintptr_t)out, len);
}

bool block_write(uint32_t sector, const uint8_t *data, size_t len) {
    return sectors > 0 && perform(REQUEST_WRITE, sector, (uintptr_t)data, len);
}

bool block_flush(void) {
    return sectors > 0 && (!can_flush || perform(REQUEST_FLUSH, 0, 0, 0));
}
