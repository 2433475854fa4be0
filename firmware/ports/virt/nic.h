// A virtio network device (virtio 1.1, section 5.1) as an interface of lwIP, without a copy: what arrives are pbufs over the
// device's own buffers, given back to it when they are freed; what is sent is lent to the device by reference.
#ifndef NIC_H
#define NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "bus.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "virtqueue.h"

#define NIC_RECEIVE_BUFFERS 16
#define NIC_TRANSMIT_DESCRIPTORS 64
// Room for the largest Ethernet frame without a tag, and what goes before it.
#define NIC_BUFFER_LEN 1536

typedef struct nic nic_t;

typedef struct {
    struct pbuf_custom pbuf; // first: lwIP gives it back by this address
    nic_t *nic;
    uint8_t space[NIC_BUFFER_LEN] __attribute__((aligned(4)));
} nic_buffer_t;

struct nic {
    struct netif netif;
    bus_device_t device;
    virtqueue_t receive, transmit;
    struct pbuf *sent[NIC_TRANSMIT_DESCRIPTORS]; // by the head of the chain that the device reads
    uint16_t free_descriptor, free_count;        // of the transmit queue, linked by next
    uint16_t lent_count;                         // received frames among what was sent
    uint32_t moved_ms;                           // when it has last let go of something, or begun to hold something
    bool sent_something, gave_something;         // which the device has not been told yet
    bool has_link_state;
    uint32_t receive_memory[VIRTQUEUE_WORDS(NIC_RECEIVE_BUFFERS)] VIRTQUEUE_ALIGNED;
    uint32_t transmit_memory[VIRTQUEUE_WORDS(NIC_TRANSMIT_DESCRIPTORS)] VIRTQUEUE_ALIGNED;
    nic_buffer_t buffers[NIC_RECEIVE_BUFFERS];
};

// Take the nth network device into service and add it to lwIP with these functions; false: there is none.
bool nic_init(nic_t *nic, unsigned nth, netif_input_fn input, netif_output_fn output);
// Let go of what was sent, and hand at most `batch` frames to the input function.
void nic_poll(nic_t *nic, unsigned batch);
// How many frames that the other interface has received are worth handing over now. When this one is stalled they are lost, but
// there can be others among them.
unsigned nic_room(const nic_t *nic);
void nic_tell_now(nic_t *nic);
// Tell the device of all that was sent and given back since the last time. Nothing goes out before.
static inline void nic_tell(nic_t *nic) {
    if (nic->sent_something || nic->gave_something) {
        nic_tell_now(nic);
    }
}
// Silence its interrupt, and follow its link up or down.
void nic_acknowledge(nic_t *nic);
// Whether frames wait.
bool nic_has_frames(const nic_t *nic);

#endif
