#include "lwpath_deliver.h"

#include "lwpath_path.h"
#include "lwpath_pool.h"

void lwpath_deliver(struct pbuf *packet, uint16_t type, const uint8_t mac[6]) {
    struct netif *lan = lwpath.lan;
    uint8_t *frame = (uint8_t *)packet->payload - LWPATH_ETHERNET_LEN;
    if (lan == NULL) {
        (void)lwpath_drop(packet, LWPATH_COUNT_LAN_TX_FAILED);
        return;
    }
    memmove(frame, mac, LWPATH_MAC_LEN); // it may be the header's own source
    memcpy(frame + LWPATH_ETHERNET_SOURCE, lan->hwaddr, LWPATH_MAC_LEN);
    wg_store16_be(frame + LWPATH_ETHERNET_TYPE, type);
    packet->payload = frame;
    packet->len = packet->tot_len = (uint16_t)(packet->len + LWPATH_ETHERNET_LEN);
    lwpath_note(lan->linkoutput(lan, packet) == ERR_OK ? LWPATH_COUNT_LAN_TX : LWPATH_COUNT_LAN_TX_FAILED);
    pbuf_free(packet); // the device may still hold it
}

void lwpath_deliver_copy(const uint8_t *packet, size_t len, const uint8_t mac[6]) {
    lwpath_buffer_t *buffer = lwpath_pool_take_for_client();
    if (buffer == NULL) {
        lwpath_note(LWPATH_COUNT_LAN_TX_FAILED);
        return;
    }
    memcpy(lwpath_buffer_packet(buffer), packet, len);
    lwpath_deliver(lwpath_pool_packet(buffer, len), LWPATH_TYPE_IPV4, mac);
}
