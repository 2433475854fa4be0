#include "lwpath_pool.h"

static lwpath_buffer_t buffers[LWPATH_BUFFERS];
static lwpath_buffer_t *free_buffers;
static unsigned free_count;

void lwpath_pool_give(lwpath_buffer_t *buffer) {
    buffer->next = free_buffers;
    free_buffers = buffer;
    free_count++;
}

static void give_back(struct pbuf *pbuf) {
    lwpath_pool_give((lwpath_buffer_t *)(void *)pbuf);
}

void lwpath_pool_init(void) {
    free_buffers = NULL;
    free_count = 0;
    for (size_t i = 0; i < LWPATH_BUFFERS; i++) {
        buffers[i].custom.custom_free_function = give_back;
        lwpath_pool_give(&buffers[i]);
    }
}

lwpath_buffer_t *lwpath_pool_take(void) {
    lwpath_buffer_t *buffer = free_buffers;
    if (buffer != NULL) {
        free_buffers = buffer->next;
        free_count--;
    }
    return buffer;
}

lwpath_buffer_t *lwpath_pool_take_for_client(void) {
    return free_count > LWPATH_BUFFERS_KEPT ? lwpath_pool_take() : NULL;
}

struct pbuf *lwpath_pool_packet(lwpath_buffer_t *buffer, size_t len) {
    // PBUF_RAM: the room in front may be used for headers, and ARP may queue it by reference.
    return pbuf_alloced_custom(PBUF_RAW, (u16_t)len, PBUF_RAM, &buffer->custom, lwpath_buffer_packet(buffer),
                               LWPATH_MTU);
}
