// The far end of a stream, played by hand in the test's task: behind the router, it takes what the board sends and answers.
#ifndef FAR_H
#define FAR_H

#include "cr_stream.h"
#include "street.h"

enum { FAR_PORT = 443, FAR_WINDOW = 8192, FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static const uint8_t far_ip[4] = {203, 0, 113, 9};

static struct {
    uint16_t port;       // the board's
    uint32_t next, sent; // the next byte that we expect, and that we send
    uint32_t taken;      // the next byte of ours that the board expects
    uint8_t got[65536];
    size_t len;
} far;

static inline frame_t far_segment(uint8_t flags, uint32_t sequence, const void *data, size_t len) {
    uint8_t even[FRAME_MAX] = {0};
    frame_t frame = make_udp(cable_mac, router_mac, far_ip, FAR_PORT, uplink_ip, far.port, NULL, 12 + len);
    uint8_t *ip = frame.bytes + 14, *tcp = ip + 20;
    lwpath_write_ipv4(ip, 40 + len, LWPATH_PROTOCOL_TCP, ip_of(far_ip), ip_of(uplink_ip));
    wg_store32_be(tcp + 4, sequence);
    wg_store32_be(tcp + 8, far.next);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    wg_store16_be(tcp + 14, FAR_WINDOW);
    wg_store32_be(tcp + 16, 0);
    if (len > 0) {
        memcpy(tcp + 20, data, len);
    }
    memcpy(even, tcp, 20 + len);
    wg_store16_be(tcp + 16, lwpath_checksum(lwpath_sum(ip + 12, 8) + LWPATH_PROTOCOL_TCP + (uint32_t)(20 + len) +
                                            lwpath_sum(even, (21 + len) / 2 * 2)));
    return frame;
}

static inline void far_say(uint8_t flags, const void *data, size_t len) {
    frame_t frame = far_segment(flags, far.sent, data, len);
    far.sent += (uint32_t)len + ((flags & (SYN | FIN)) != 0);
    idf_receive(&idf_cable, &frame);
}

// Take one frame that the board has sent, if there is one; its bytes, in order, are acknowledged.
static inline bool far_look(void) {
    frame_t frame;
    if (!idf_take_sent(&idf_cable, &frame)) {
        return false;
    }
    const uint8_t *ip = frame.bytes + 14, *tcp = ip + 20;
    CHECK(!has_payload(&frame));
    if (is_arp(&frame) || ip[9] != LWPATH_PROTOCOL_TCP) {
        return true;
    }
    CHECK(memcmp(ip + 12, uplink_ip, 4) == 0 && memcmp(ip + 16, far_ip, 4) == 0);
    size_t header_len = (size_t)(tcp[12] >> 4) * 4, len = wg_load16_be(ip + 2) - 20U - header_len;
    uint32_t sequence = wg_load32_be(tcp + 4);
    far.taken = wg_load32_be(tcp + 8);
    if ((tcp[13] & SYN) != 0) {
        far.port = wg_load16_be(tcp);
        far.next = sequence + 1;
        far.sent = 7000;
        far_say(SYN | ACK, NULL, 0);
    } else if (sequence == far.next && (len > 0 || (tcp[13] & FIN) != 0)) {
        CHECK(far.len + len <= sizeof far.got);
        memcpy(far.got + far.len, tcp + header_len, len);
        far.len += len;
        far.next += (uint32_t)len + ((tcp[13] & FIN) != 0);
        far_say(ACK, NULL, 0);
    }
    return true;
}

static inline cr_stream_state_t far_state(uint16_t number) {
    port_lock();
    cr_stream_state_t state = lwpath_stream_state(number);
    port_unlock();
    return state;
}

// A connection that is there; its number.
static inline uint16_t far_open(void) {
    memset(&far, 0, sizeof far);
    port_lock();
    uint16_t number = lwpath_stream_open(ip_of(far_ip), FAR_PORT);
    port_unlock();
    CHECK(number != 0);
    while (far_state(number) == CR_STREAM_CONNECTING) {
        (void)far_look();
    }
    CHECK_EQ(far_state(number), CR_STREAM_OPEN);
    return number;
}

static inline void far_close(uint16_t number) {
    port_lock();
    lwpath_stream_close(number);
    port_unlock();
    CHECK_EQ(far_state(number), CR_STREAM_ENDED);
}

// The next datagram that the far end has received, opened; false: there is no whole one.
static inline bool far_open_next(frame_t *inner) {
    wg_opened_t opened;
    size_t len = far.len >= 2 ? wg_load16_be(far.got) : 0;
    if (len == 0 || far.len < 2 + len) {
        return false;
    }
    CHECK_EQ(wg_tunnel_open(&theirs.tunnel, far.got + 2, len, &our_endpoint, port_now_ms(), &opened), WG_OK);
    inner->len = opened.len;
    memcpy(inner->bytes, opened.inner, opened.len);
    far.len -= 2 + len;
    memmove(far.got, far.got + 2 + len, far.len);
    return true;
}

#endif
