// with: lwip
// The data path of a board with lwIP itself: frames of any kind from the uplink and from the LAN, a stream to a far end that says what
// it likes, a window for signing in that opens and shuts, and a control plane that does everything at any time. What leaves on the
// uplink is what README.md of native/lwip says and nothing else, and in the end every buffer is back.
#pragma GCC diagnostic ignored "-Wunused-variable" // the list of tests, of which there are none here
#define main check_main
#include "../lwpath_far.h"
#undef main
#include "fuzz_input.h"
#include "lwip/dhcp.h"
#include "lwip/prot/dhcp.h"
#include "lwpath_inside.h"

enum { CLIENT_PORT = 40000, PORTAL_PORT = 80, INSIDE_PORT = 51821, LENT_MAX = 20, STEPS_MAX = 200 };

static const uint8_t portal_ip[4] = {192, 0, 2, 77}, moved_ip[4] = {192, 0, 2, 99};

static struct {
    uint16_t stream;
    uint16_t portal_sees; // the port of a connection of the window
    uint32_t xid;         // of the question that DHCP asked last
    uint8_t pin[32], text[2 * TCP_MSS];
} now;

// --- what may be seen ---

static bool is_signing_in(const uint8_t *ip, uint16_t to_port) {
    lwpath_sign_in_t told;
    lwpath_sign_in(&told);
    return told.end == LWPATH_SIGN_IN_OPEN && memcmp(ip + 16, portal_ip, 4) == 0 && (to_port == 80 || to_port == 443);
}

static void claim_segment(const frame_t *frame) {
    const uint8_t *ip = frame->bytes + 14, *tcp = ip + 20;
    uint16_t from_port = wg_load16_be(tcp), to_port = wg_load16_be(tcp + 2);
    FUZZ_CLAIM(frame->len >= 54);
    if (memcmp(ip + 16, far_ip, 4) == 0 && to_port == FAR_PORT) {
        FUZZ_CLAIM(!has_payload(frame));
        far.port = from_port;
        far.next = wg_load32_be(tcp + 4) + (uint32_t)(wg_load16_be(ip + 2) - 20 - (tcp[12] >> 4) * 4) +
                   ((tcp[13] & (SYN | FIN)) != 0);
        return;
    }
    FUZZ_CLAIM(is_signing_in(ip, to_port));
    now.portal_sees = from_port;
}

static void claim_datagram(const frame_t *frame) {
    const uint8_t *ip = frame->bytes + 14, *udp = ip + 20;
    uint16_t from_port = wg_load16_be(udp), to_port = wg_load16_be(udp + 2);
    FUZZ_CLAIM(!has_payload(frame));
    if (from_port == LWPATH_PORT_DHCP_CLIENT) {
        FUZZ_CLAIM(to_port == LWPATH_PORT_DHCP_SERVER);
        now.xid = wg_load32_be(udp + 12);
        return;
    }
    FUZZ_CLAIM(from_port == OUR_PORT || to_port == LWPATH_PORT_DNS);
}

// What has left since, each once.
static void claim_sent(void) {
    for (unsigned i = 0; i < uplink.count; i++) {
        const frame_t *frame = &uplink.sent[i];
        const uint8_t *ip = frame->bytes + 14;
        FUZZ_CLAIM(frame->len >= 42 && frame->len <= 1514 && memcmp(frame->bytes + 6, uplink_mac, 6) == 0);
        if (wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_ARP) {
            FUZZ_CLAIM(!has_payload(frame));
            continue;
        }
        FUZZ_CLAIM(wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_IPV4 && ip[0] == 0x45);
        FUZZ_CLAIM(ip[9] == LWPATH_PROTOCOL_TCP || ip[9] == LWPATH_PROTOCOL_UDP);
        (ip[9] == LWPATH_PROTOCOL_TCP ? claim_segment : claim_datagram)(frame);
    }
    for (unsigned i = 0; i < lan.count; i++) {
        FUZZ_CLAIM(lan.sent[i].len <= 1514 && memcmp(lan.sent[i].bytes + 6, lan_mac, 6) == 0);
    }
    uplink.count = lan.count = 0;
    FUZZ_CLAIM(frames_lent <= LENT_MAX);
}

// --- what the networks do ---

static size_t text_of(fuzz_input_t *input, size_t most) {
    size_t len = fuzz_bytes(input, now.text, fuzz_u16(input) % (most + 1));
    return len;
}

static void any_frame(fuzz_input_t *input, device_t *device) {
    static const uint16_t types[] = {LWPATH_TYPE_IPV4, LWPATH_TYPE_IPV4, LWPATH_TYPE_ARP, LWPATH_TYPE_IPV6};
    uint8_t kind = fuzz_u8(input);
    frame_t frame = make_frame(kind & 4 ? everyone : device->netif.hwaddr, device == &lan ? client_mac : router_mac,
                               types[kind & 3], 0);
    frame.len = 14 + fuzz_bytes(input, frame.bytes + 14, fuzz_u8(input));
    if (kind & 8 && frame.len >= 34) { // as whole as its length allows
        frame.bytes[14] = 0x45;
        wg_store16_be(frame.bytes + 16, (uint16_t)(frame.len - 14));
        memcpy(frame.bytes + (device == &lan ? 26 : 30), device == &lan ? client_ip : uplink_ip, 4);
        fix_header(&frame);
    }
    frame.len -= kind & 16 ? kind >> 5 : 0;
    arrive(device, &frame);
}

static void far_segment(fuzz_input_t *input) {
    uint8_t flags = fuzz_u8(input) & 0x3f, shift = fuzz_u8(input);
    far_window = fuzz_u16(input);
    size_t len = text_of(input, TCP_MSS);
    uint32_t late = shift & 0x0f ? 0 : (uint32_t)(shift >> 4);
    frame_t frame =
        make_segment(far_ip, FAR_PORT, far.port, flags, far.sent - late, far.next - (shift & 1), now.text, len);
    far.sent += (uint32_t)len - late + ((flags & (SYN | FIN)) != 0);
    arrive(&uplink, &frame);
}

static void far_accepts(void) {
    far.sent = FAR_ISN;
    far_say(SYN | ACK, NULL, 0);
}

static frame_t segment_between(fuzz_input_t *input, bool is_portals) {
    uint8_t flags = fuzz_u8(input), kind = fuzz_u8(input);
    size_t len = text_of(input, 300);
    frame_t frame = is_portals ? make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_TCP, portal_ip, uplink_ip, 20 + len)
                               : make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_TCP, client_ip, portal_ip, 20 + len);
    uint8_t *tcp = frame.bytes + 34;
    memset(tcp, 0, 20);
    wg_store16_be(tcp, is_portals ? PORTAL_PORT : CLIENT_PORT + (kind & 63));
    wg_store16_be(tcp + 2, is_portals ? now.portal_sees : kind & 64 ? 443 : PORTAL_PORT);
    tcp[12] = kind & 128 ? kind : 5 << 4;
    tcp[13] = flags & 0x3f;
    memcpy(tcp + 20, now.text, is_portals ? len : 0);
    return frame;
}

static void dhcp_answers(fuzz_input_t *input) {
    static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};
    uint8_t message[240 + 300] = {2, 1, 6};
    uint8_t kind = fuzz_u8(input);
    wg_store32_be(message + 4, now.xid);
    memcpy(message + 16, kind & 1 ? uplink_ip : moved_ip, 4);
    memcpy(message + 28, uplink_mac, 6);
    memcpy(message + 236, cookie, 4);
    size_t len = 240 + text_of(input, 300);
    memcpy(message + 240, now.text, len - 240);
    frame_t frame =
        make_udp(everyone, router_mac, router_ip, 67, (const uint8_t[4]){255, 255, 255, 255}, 68, message, len);
    arrive(&uplink, &frame);
}

// From the gateway: whatever is inside, it is sealed.
static void gateway_says(fuzz_input_t *input) {
    uint8_t kind = fuzz_u8(input);
    frame_t inner = {.len = 0};
    size_t len = text_of(input, 600);
    datagram_t datagram;
    if (kind & 1) {
        inner = make_udp(uplink_mac, router_mac, kind & 2 ? tunnel_dns : web_ip, kind & 2 ? INSIDE_PORT : 443,
                         tunnel_ip, kind & 2 ? INSIDE_PORT : 4000, now.text, len);
        inner.len -= 14;
        memmove(inner.bytes, inner.bytes + 14, inner.len);
    } else {
        inner.len = len;
        memcpy(inner.bytes, now.text, len);
    }
    if (try_seal(&theirs, &datagram, inner.bytes, inner.len, clock_ms) != WG_OK) {
        return;
    }
    if (kind & 4) {
        uint8_t wire[2 + ROOM];
        wg_store16_be(wire, (uint16_t)datagram.len);
        memcpy(wire + 2, datagram.bytes, datagram.len);
        far_say(ACK | PSH, wire, 2 + datagram.len < TCP_MSS ? 2 + datagram.len : TCP_MSS);
    } else {
        frame_t frame = make_datagram(their_endpoint.address, their_endpoint.port, OUR_PORT, &datagram);
        arrive(&uplink, &frame);
    }
}

static void client_asks(fuzz_input_t *input) {
    uint8_t kind = fuzz_u8(input);
    size_t len = text_of(input, 300);
    frame_t frame = kind & 1 ? make_udp(lan_mac, client_mac, client_ip, 5353, lan_ip, 53, now.text, len)
                             : make_client_packet(kind * 5U);
    arrive(&lan, &frame);
}

// --- what the control plane does ---

static void stream_does(fuzz_input_t *input) {
    uint8_t what = fuzz_u8(input), more = fuzz_u8(input);
    switch (what % 8) {
    case 0:
        lwpath_stream_close(now.stream);
        break;
    case 1:
    case 2: {
        uint16_t number = lwpath_stream_open(ip_of(far_ip), FAR_PORT);
        if (number != 0) {
            now.stream = number;
            claim_sent();
            far_accepts();
        }
        break;
    }
    case 3:
        (void)lwpath_stream_read(now.stream, now.text, 1 + more * 20U);
        break;
    case 4:
        (void)lwpath_stream_write(now.stream, now.pin, more % 32);
        break;
    case 5: {
        uint8_t rest[LWPATH_REST_MAX];
        size_t len = fuzz_bytes(input, rest, more);
        if (lwpath_stream_carry(now.stream, (cr_framing_t)(1 + what / 8 % (CR_FRAMING_COUNT - 1)), rest, len)) {
            ours.tunnel.memory.peers[0].endpoint = stream_endpoint(now.stream);
        }
        memset(rest, PAYLOAD_BYTE, sizeof rest);
        break;
    }
    case 6:
        if (more < 16) { // dear
            (void)lwpath_stream_secure(now.stream, "gateway.example", 15, now.pin, 1, 0);
        }
        break;
    default:
        lwpath_stream_ping(now.stream);
    }
}

static void window_does(fuzz_input_t *input) {
    lwpath_sign_in_places_t places = {.count = 1, .addresses = {ip_of(portal_ip)}, .names = {"login.example"}};
    uint8_t what = fuzz_u8(input);
    if (what & 7) {
        (void)lwpath_set_sign_in(client_mac, &places, 1 + what);
    } else {
        lwpath_close_sign_in();
    }
}

static void uplink_does(fuzz_input_t *input) {
    const uint32_t dns[1] = {ip_of(router_ip)};
    uint8_t what = fuzz_u8(input);
    switch (what % 8) {
    case 0:
        netif_set_link_down(&uplink.netif);
        netif_set_link_up(&uplink.netif);
        break;
    case 1:
        (void)lwpath_uplink_static(ip_of(moved_ip), 24, ip_of(router_ip), dns, 1);
        break;
    case 2:
        (void)lwpath_uplink_dhcp();
        break;
    case 3:
        lwpath_look_up("gateway.example");
        break;
    case 4:
        uplink.full = !uplink.full;
        break;
    case 5:
        uplink.holds = lan.holds = (what & 8) != 0;
        break;
    case 6:
        street_uplink();
        break;
    default:
        device_done(&uplink);
        device_done(&lan);
    }
}

static void listen(void) {
    (void)lwpath_reasons();
    (void)lwpath_next_inside();
    (void)lwpath_next_handshake();
    (void)lwpath_silence();
}

static void step(fuzz_input_t *input) {
    frame_t frame;
    switch (fuzz_u8(input) % 14) {
    case 0:
        any_frame(input, &uplink);
        break;
    case 1:
        any_frame(input, &lan);
        break;
    case 2:
    case 3:
        far_segment(input);
        break;
    case 4:
        frame = segment_between(input, true);
        arrive(&uplink, &frame);
        break;
    case 5:
    case 6:
        frame = segment_between(input, false);
        arrive(&lan, &frame);
        break;
    case 7:
        dhcp_answers(input);
        break;
    case 8:
        gateway_says(input);
        break;
    case 9:
        client_asks(input);
        break;
    case 10:
        stream_does(input);
        break;
    case 11:
        window_does(input);
        break;
    case 12:
        uplink_does(input);
        break;
    default:
        pass(50U << (fuzz_u8(input) & 7));
        listen();
    }
}

// --- a life ---

static void begin(void) {
    static uint64_t last_ms;
    street_boot();
    clock_ms = last_ms > clock_ms ? last_ms : clock_ms; // the timers of the life before know it
    last_ms = clock_ms + 1000000;
    street_tunnels();
    wg_gate_init(&gate);
    lwpath_open(&ours.tunnel, &gate);
    street_uplink();
    street_inside();
    FUZZ_CLAIM(lwpath_bind(OUR_PORT) == OUR_PORT);
    street_keys();
    lwpath_set_inside(INSIDE_PORT, ip_of(tunnel_dns), INSIDE_PORT);
    frame_t arp = make_arp(everyone, client_mac, LWPATH_ARP_REQUEST, client_ip, lan_ip);
    arrive(&lan, &arp);
    uplink.count = lan.count = 0;
    memset(&now, 0, sizeof now);
    memset(&far, 0, sizeof far);
}

static void finish(void) {
    uplink.full = false;
    lwpath_close();
    lwpath_uplink_stop();
    claim_sent();
    while (tcp_active_pcbs != NULL) {
        tcp_abort(tcp_active_pcbs);
    }
    while (tcp_tw_pcbs != NULL) {
        tcp_abort(tcp_tw_pcbs);
    }
    etharp_cleanup_netif(&uplink.netif);
    check_nothing_leaks();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    begin();
    for (unsigned i = 0; i < STEPS_MAX && input.len > 0; i++) {
        step(&input);
        claim_sent();
    }
    finish();
    return 0;
}
