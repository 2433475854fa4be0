// The far end of a stream: a machine that speaks TCP by hand, segment by segment, with the board of lwpath_street.h.
#ifndef LWPATH_FAR_H
#define LWPATH_FAR_H

#include "cr_frame.h"
#include "lwip/priv/tcp_priv.h"
#include "lwpath_street.h"

enum { FAR_PORT = 443, FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, FAR_ISN = 7000, WINDOW = 8192, TICK_MS = 50 };

static const uint8_t far_ip[4] = {203, 0, 113, 9};

typedef struct {
    uint8_t flags;
    uint16_t from, to, window;
    uint32_t sequence, acknowledged;
    const uint8_t *data;
    size_t len;
} segment_t;

static struct {
    uint16_t port; // the board's
    uint32_t next; // the next byte that we expect
    uint32_t sent; // the next byte that we send
    uint8_t stream[65536];
    size_t len;    // of what the board has sent, in order
    unsigned seen; // frames that were looked at
    unsigned synced, finished, reset, others;
} far;

static uint16_t far_window = WINDOW;
static bool far_acknowledges = true;

static inline uint16_t tcp_sum(const uint8_t *source, const uint8_t *destination, const uint8_t *segment, size_t len) {
    uint8_t even[FRAME_MAX + 1] = {0};
    memcpy(even, segment, len);
    return lwpath_checksum(lwpath_sum(source, 4) + lwpath_sum(destination, 4) + LWPATH_PROTOCOL_TCP + (uint32_t)len +
                           lwpath_sum(even, (len + 1) / 2 * 2));
}

static inline frame_t make_segment(const uint8_t source[4], uint16_t from, uint16_t to, uint8_t flags,
                                   uint32_t sequence, uint32_t acknowledged, const uint8_t *data, size_t len) {
    frame_t frame = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_TCP, source, uplink_ip, 20 + len);
    uint8_t *tcp = frame.bytes + 34;
    memset(tcp, 0, 20);
    wg_store16_be(tcp, from);
    wg_store16_be(tcp + 2, to);
    wg_store32_be(tcp + 4, sequence);
    wg_store32_be(tcp + 8, acknowledged);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    wg_store16_be(tcp + 14, far_window);
    if (len > 0) {
        memcpy(tcp + 20, data, len);
    }
    wg_store16_be(tcp + 16, tcp_sum(source, uplink_ip, tcp, 20 + len));
    return frame;
}

static inline bool read_segment(const frame_t *frame, segment_t *segment) {
    const uint8_t *ip = frame->bytes + 14, *tcp = ip + 20;
    if (frame->len < 54 || wg_load16_be(frame->bytes + 12) != LWPATH_TYPE_IPV4 || ip[9] != LWPATH_PROTOCOL_TCP) {
        return false;
    }
    size_t header_len = (size_t)(tcp[12] >> 4) * 4, total_len = wg_load16_be(ip + 2);
    CHECK_EQ(tcp_sum(ip + 12, ip + 16, tcp, total_len - 20), 0);
    CHECK_BYTES(ip + 12, uplink_ip, 4);
    CHECK_BYTES(ip + 16, far_ip, 4);
    *segment = (segment_t){.flags = tcp[13],
                           .from = wg_load16_be(tcp),
                           .to = wg_load16_be(tcp + 2),
                           .window = wg_load16_be(tcp + 14),
                           .sequence = wg_load32_be(tcp + 4),
                           .acknowledged = wg_load32_be(tcp + 8),
                           .data = tcp + header_len,
                           .len = total_len - 20 - header_len};
    return true;
}

static inline void far_say(uint8_t flags, const void *data, size_t len) {
    frame_t frame = make_segment(far_ip, FAR_PORT, far.port, flags, far.sent, far.next, data, len);
    far.sent += (uint32_t)len + ((flags & (SYN | FIN)) != 0);
    arrive(&uplink, &frame);
}

// Look at what the board has sent since. Whatever is neither ARP nor a segment for us does not pass.
static inline void far_look(void) {
    while (far.seen < uplink.count) {
        segment_t segment;
        const frame_t *frame = &uplink.sent[far.seen++];
        if (wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_ARP) {
            continue;
        }
        if (!read_segment(frame, &segment)) {
            far.others++;
            continue;
        }
        CHECK_EQ(segment.to, FAR_PORT);
        far.port = segment.from;
        far.reset += (segment.flags & RST) != 0;
        if ((segment.flags & SYN) != 0) {
            far.synced++;
            far.next = segment.sequence + 1;
            continue;
        }
        if (segment.sequence != far.next || segment.len > far_window) {
            continue; // once more, or a probe of a closed window
        }
        CHECK(far.len + segment.len <= sizeof far.stream);
        memcpy(far.stream + far.len, segment.data, segment.len);
        far.len += segment.len;
        far.next += (uint32_t)segment.len;
        if ((segment.flags & FIN) != 0) {
            far.finished++;
            far.next++;
        }
    }
    if (uplink.count > FRAMES_MAX / 2) {
        uplink.count = far.seen = 0;
    }
}

static inline void pass(unsigned milliseconds) {
    for (unsigned i = 0; i < milliseconds; i += TICK_MS) {
        clock_ms += TICK_MS;
        lwpath_take_time();
        sys_check_timeouts();
        (void)lwpath_stream_work();
    }
}

// Both ends go on until nothing is new.
static inline void far_serve(void) {
    for (unsigned i = 0; i < 20; i++) {
        uint32_t before = far.next;
        far_look();
        if (far_acknowledges && far.next != before) {
            far_say(ACK, NULL, 0);
        }
        pass(TICK_MS);
    }
}

static inline uint16_t far_begin(void) {
    memset(&far, 0, sizeof far);
    far_window = WINDOW;
    far_acknowledges = true;
    uplink.count = 0;
    return lwpath_stream_open(ip_of(far_ip), FAR_PORT);
}

// A connection that is there; its number.
static inline uint16_t far_open(void) {
    uint16_t number = far_begin();
    CHECK(number != 0);
    far_look();
    CHECK_EQ(far.synced, 1);
    far.sent = FAR_ISN;
    far_say(SYN | ACK, NULL, 0);
    far_look();
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_OPEN);
    return number;
}

static inline wg_endpoint_t stream_endpoint(uint16_t number) {
    return (wg_endpoint_t){.family = WG_FAMILY_STREAM, .port = number};
}

// A stream that carries the tunnel, in frames of lengths, and the tunnel knows it.
static inline uint16_t far_carry(void) {
    uint16_t number = far_open();
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    ours.tunnel.memory.peers[0].endpoint = stream_endpoint(number);
    (void)lwpath_reasons();
    return number;
}

// What the far end sends: an inner packet, sealed, in a frame; its length.
static inline size_t far_frame(uint8_t *out, const uint8_t *inner, size_t len) {
    datagram_t datagram;
    CHECK_EQ(try_seal(&theirs, &datagram, inner, len, clock_ms), WG_OK);
    wg_store16_be(out, (uint16_t)datagram.len);
    memcpy(out + 2, datagram.bytes, datagram.len);
    return 2 + datagram.len;
}

// The datagrams that the far end has received, opened; how many.
static inline unsigned far_opened(frame_t *last) {
    unsigned count = 0;
    size_t at = 0;
    while (at + 2 <= far.len && at + 2 + wg_load16_be(far.stream + at) <= far.len) {
        size_t len = wg_load16_be(far.stream + at);
        wg_opened_t opened;
        CHECK_EQ(wg_tunnel_open(&theirs.tunnel, far.stream + at + 2, len, &our_endpoint, clock_ms, &opened), WG_OK);
        if (last != NULL) {
            last->len = opened.len;
            memcpy(last->bytes, opened.inner, opened.len);
        }
        at += 2 + len;
        count++;
    }
    memmove(far.stream, far.stream + at, far.len - at);
    far.len -= at;
    return count;
}

// What a web server says to the client of make_client_packet(), inside.
static inline frame_t make_answer(size_t payload_len) {
    frame_t request = make_client_packet(payload_len), answer = {.len = 28 + payload_len};
    uint8_t *ip = answer.bytes;
    const frame_t made = make_udp(uplink_mac, router_mac, web_ip, 443, tunnel_ip, 0, NULL, payload_len);
    (void)request;
    memcpy(ip, made.bytes + 14, answer.len);
    return answer;
}

#endif
