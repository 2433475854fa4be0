#include "nic.h"

#include "lwip/prot/ethernet.h"
#include "lwip/sys.h"

enum { RECEIVE = 0, TRANSMIT = 1 }; // queues
enum { FEATURE_MAC = 1 << 5, FEATURE_STATUS = 1 << 16 };
enum { CONFIG_MAC = 0, CONFIG_STATUS = 6, STATUS_LINK_UP = 1 };

#define HEADER_LEN 12 // struct virtio_net_hdr, with the count of buffers
#define MTU 1500
// The device writes its header in front of the frame. Two bytes before it put the IPv4 header at an address of whole words,
// which makes sealing and checksums cheaper.
#define PADDING 2
#define FRAME_OFFSET (PADDING + HEADER_LEN)
#define FRAME_MAX (NIC_BUFFER_LEN - FRAME_OFFSET)

// What goes before each frame that is sent: nothing is asked of the device.
static const uint8_t no_offload[HEADER_LEN];

// --- receiving ---

static void give_back(struct pbuf *p) {
    nic_buffer_t *buffer = (nic_buffer_t *)(void *)p;
    nic_t *nic = buffer->nic;
    virtqueue_offer(&nic->receive, (uint16_t)(buffer - nic->buffers));
    nic->gave_something = true;
}

static __attribute__((noinline)) void receive(nic_t *nic, unsigned batch) {
    for (; batch > 0 && virtqueue_has_used(&nic->receive); batch--) {
        uint32_t len;
        nic_buffer_t *buffer = &nic->buffers[virtqueue_take(&nic->receive, &len)];
        const uint16_t frame_len = len > HEADER_LEN ? (uint16_t)(len - HEADER_LEN) : 0;
        struct pbuf *frame =
            pbuf_alloced_custom(PBUF_RAW, frame_len, PBUF_REF, &buffer->pbuf, buffer->space + FRAME_OFFSET, FRAME_MAX);
        if (frame_len < SIZEOF_ETH_HDR || nic->netif.input(frame, &nic->netif) != ERR_OK) {
            pbuf_free(frame);
        }
    }
}

static void offer_buffers(nic_t *nic) {
    for (unsigned i = 0; i < NIC_RECEIVE_BUFFERS; i++) {
        nic_buffer_t *buffer = &nic->buffers[i];
        buffer->nic = nic;
        buffer->pbuf.custom_free_function = give_back;
        nic->receive.descriptors[i] = (virtqueue_descriptor_t){
            .address = (uint32_t)(uintptr_t)(buffer->space + PADDING),
            .len = NIC_BUFFER_LEN - PADDING,
            .flags = VIRTQUEUE_WRITE,
        };
        virtqueue_offer(&nic->receive, (uint16_t)i);
    }
}

// --- sending ---

// A frame that the other device has received goes out in its buffer, which is missed there until this device has sent it. A
// device that takes nothing must not keep them all, or the other one is deaf.
#define LENT_MAX (NIC_RECEIVE_BUFFERS - 4)
// One that has sent nothing for so long is not waited for any more.
#define STALLED_MS 20

static unsigned is_lent(const struct pbuf *frame) {
    return (frame->type_internal & PBUF_TYPE_FLAG_DATA_VOLATILE) != 0; // see receive()
}

static bool has_room(const nic_t *nic, unsigned descriptors, unsigned lent) {
    return nic->free_count >= descriptors && nic->lent_count + lent <= LENT_MAX;
}

static void let_go_of_sent(nic_t *nic) {
    virtqueue_t *queue = &nic->transmit;
    if (virtqueue_has_used(queue)) {
        nic->moved_ms = sys_now();
    }
    while (virtqueue_has_used(queue)) {
        uint32_t len;
        const uint16_t head = virtqueue_take(queue, &len);
        uint16_t tail = head;
        unsigned count = 1;
        for (; queue->descriptors[tail].flags & VIRTQUEUE_NEXT; count++) {
            tail = queue->descriptors[tail].next;
        }
        queue->descriptors[tail].next = nic->free_descriptor;
        nic->free_descriptor = head;
        nic->free_count += count;
        nic->lent_count -= is_lent(nic->sent[head]);
        pbuf_free(nic->sent[head]);
    }
}

static err_t link_output(struct netif *netif, struct pbuf *frame) {
    nic_t *nic = netif->state;
    const unsigned needed = 1u + pbuf_clen(frame), lent = is_lent(frame);
    if (!has_room(nic, needed, lent)) {
        let_go_of_sent(nic);
        if (!has_room(nic, needed, lent)) {
            return ERR_MEM;
        }
    }

    if (nic->free_count == NIC_TRANSMIT_DESCRIPTORS) {
        nic->moved_ms = sys_now();
    }
    virtqueue_descriptor_t *descriptors = nic->transmit.descriptors;
    const uint16_t head = nic->free_descriptor;
    virtqueue_descriptor_t *last = &descriptors[head];
    last->address = (uint32_t)(uintptr_t)no_offload;
    last->len = HEADER_LEN;
    for (const struct pbuf *part = frame; part != NULL; part = part->next) {
        last->flags = VIRTQUEUE_NEXT;
        last = &descriptors[last->next];
        last->address = (uint32_t)(uintptr_t)part->payload;
        last->len = part->len;
    }
    last->flags = 0;
    nic->free_descriptor = last->next;
    nic->free_count -= needed;
    nic->lent_count += lent;
    nic->sent[head] = frame;
    pbuf_ref(frame);
    virtqueue_offer(&nic->transmit, head);
    nic->sent_something = true;
    return ERR_OK;
}

static void free_descriptors(nic_t *nic) {
    for (unsigned i = 0; i < NIC_TRANSMIT_DESCRIPTORS; i++) {
        nic->transmit.descriptors[i].next = (uint16_t)(i + 1);
    }
    nic->free_descriptor = 0;
    nic->free_count = NIC_TRANSMIT_DESCRIPTORS;
    // Nobody waits for what was sent: it is let go of at the next poll.
    nic->transmit.available->flags = 1;
}

// --- the interface ---

static void follow_link(nic_t *nic) {
    if (!nic->has_link_state || (bus_config_8(&nic->device, CONFIG_STATUS) & STATUS_LINK_UP) != 0) {
        netif_set_link_up(&nic->netif);
    } else {
        netif_set_link_down(&nic->netif);
    }
}

static err_t add(struct netif *netif) {
    nic_t *nic = netif->state;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->mtu = MTU;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    netif->linkoutput = link_output;
    netif->hwaddr_len = NETIF_MAX_HWADDR_LEN;
    for (unsigned i = 0; i < netif->hwaddr_len; i++) {
        netif->hwaddr[i] = bus_config_8(&nic->device, CONFIG_MAC + i);
    }
    return ERR_OK;
}

bool nic_init(nic_t *nic, unsigned nth, netif_input_fn input, netif_output_fn output) {
    uint32_t features;
    bus_device_t *device = &nic->device;
    if (!bus_find(BUS_NET, nth, device) || !bus_negotiate(device, FEATURE_MAC | FEATURE_STATUS, &features) ||
        (features & FEATURE_MAC) == 0 ||
        !virtqueue_init(&nic->receive, device, RECEIVE, NIC_RECEIVE_BUFFERS, nic->receive_memory) ||
        !virtqueue_init(&nic->transmit, device, TRANSMIT, NIC_TRANSMIT_DESCRIPTORS, nic->transmit_memory)) {
        return false;
    }
    nic->has_link_state = (features & FEATURE_STATUS) != 0;
    offer_buffers(nic);
    free_descriptors(nic);
    bus_start(device);
    if (netif_add_noaddr(&nic->netif, nic, add, input) == NULL) {
        return false;
    }
    nic->netif.output = output;
    netif_set_up(&nic->netif);
    follow_link(nic);
    bus_notify(device, RECEIVE);
    return true;
}

void nic_poll(nic_t *nic, unsigned batch) {
    // A look that finds nothing, as most do, costs no more than that.
    if (virtqueue_has_used(&nic->transmit)) {
        let_go_of_sent(nic);
    }
    if (virtqueue_has_used(&nic->receive)) {
        receive(nic, batch);
    }
}

unsigned nic_room(const nic_t *nic) {
    const unsigned held = (NIC_TRANSMIT_DESCRIPTORS - nic->free_count) / 2; // frames, of one part each
    if (held < LENT_MAX) {
        return LENT_MAX - held;
    }
    return sys_now() - nic->moved_ms < STALLED_MS ? 0 : LENT_MAX;
}

void nic_tell_now(nic_t *nic) {
    if (nic->sent_something) {
        nic->sent_something = false;
        if (virtqueue_wants_notice(&nic->transmit)) {
            bus_notify(&nic->device, TRANSMIT);
        }
    }
    if (nic->gave_something) {
        nic->gave_something = false;
        if (virtqueue_wants_notice(&nic->receive)) {
            bus_notify(&nic->device, RECEIVE);
        }
    }
}

void nic_acknowledge(nic_t *nic) {
    if (bus_acknowledge(&nic->device)) {
        // A link that is up can have been down since the last look, and lead to another network now.
        netif_set_link_down(&nic->netif);
        follow_link(nic);
    }
}

bool nic_has_frames(const nic_t *nic) {
    return virtqueue_has_used(&nic->receive);
}
