#include "entropy.h"

#include <string.h>

#include "bus.h"
#include "cpu.h"
#include "virtqueue.h"
#include "wg_wipe.h"

#define DESCRIPTORS 2
#define PATIENCE_US 1000000
#define WAIT_US 10000

static bus_device_t device;
static virtqueue_t queue;
static uint32_t memory[VIRTQUEUE_WORDS(DESCRIPTORS)] VIRTQUEUE_ALIGNED;
static uint8_t drawn[64]; // what the device writes to: a late answer must not hit memory that is something else by then
static bool there;

void entropy_init(void) {
    uint32_t features;
    there = bus_find(BUS_RANDOM, 0, &device) && bus_negotiate(&device, 0, &features) &&
            virtqueue_init(&queue, &device, 0, DESCRIPTORS, memory);
    if (there) {
        bus_start(&device);
    }
}

bool entropy_is_there(void) {
    return there;
}

// Bytes that the device has put into drawn; 0: it does not answer.
static size_t draw(size_t wanted) {
    queue.descriptors[0] = (virtqueue_descriptor_t){.address = (uint32_t)(uintptr_t)drawn,
                                                    .len = (uint32_t)(wanted < sizeof(drawn) ? wanted : sizeof(drawn)),
                                                    .flags = VIRTQUEUE_WRITE};
    virtqueue_offer(&queue, 0);
    cpu_barrier();
    bus_notify(&device, 0);
    const uint64_t start = cpu_time_us();
    while (!virtqueue_has_used(&queue)) {
        const uint64_t now = cpu_time_us();
        if (now - start > PATIENCE_US) {
            there = false;
            return 0;
        }
        cpu_sleep_until(now + WAIT_US);
        bus_acknowledge(&device);
    }
    // Also when it was faster than the loop: an interrupt that stays would keep the box awake for ever.
    bus_acknowledge(&device);
    uint32_t len;
    virtqueue_take(&queue, &len);
    return len <= sizeof(drawn) ? len : 0;
}

bool entropy_fill(uint8_t *out, size_t len) {
    for (size_t done = 0; done < len;) {
        const size_t got = there ? draw(len - done) : 0;
        if (got == 0) {
            wg_wipe(out, len);
            return false;
        }
        memcpy(out + done, drawn, got);
        wg_wipe(drawn, sizeof(drawn));
        done += got;
    }
    return true;
}

uint32_t entropy_number(void) {
    static uint32_t numbers[8];
    static unsigned left;
    if (left == 0) {
        left = sizeof(numbers) / sizeof(numbers[0]);
        if (!entropy_fill((uint8_t *)numbers, sizeof(numbers))) {
            for (unsigned i = 0; i < left; i++) {
                numbers[i] = (uint32_t)cpu_time_us() * 2654435761u + i * 40503u; // differs from boot to boot, no more
            }
        }
    }
    return numbers[--left];
}
