// Two tunnels that share keys, and a network that does to their datagrams what it likes. Whatever opens was sealed by the other
// side, byte for byte, and only once.

#include "fuzz_input.h"
#include "wg_bytes.h"
#include "wg_tunnel.h"

#define PEERS 3
#define PACKET 256
#define SENT_MOST 512

typedef struct {
    wg_tunnel_t tunnel;
    wg_peer_t peers[PEERS];
    wg_index_slot_t indices[16];
    wg_queue_slot_t queue[4];
    uint8_t packets[4 * PACKET];
    wg_allowedips_node_t nodes[16];
} side_t;

static side_t sides[2];
static uint32_t last_index;

static void begin(side_t *side) {
    memset(side, 0, sizeof *side);
    wg_tunnel_memory_t memory = {
        .peers = side->peers,
        .peer_capacity = PEERS,
        .indices = side->indices,
        .index_capacity = 16,
        .queue = side->queue,
        .queue_packets = side->packets,
        .queue_capacity = 4,
        .packet_size = PACKET,
        .nodes = side->nodes,
        .node_capacity = 16,
    };
    FUZZ_CLAIM(wg_tunnel_init(&side->tunnel, &memory, 200));
    FUZZ_CLAIM(wg_tunnel_add_peer(&side->tunnel) == 0);
    side->peers[0].endpoint = (wg_endpoint_t){.family = 4, .port = 1, .address = {127, 0, 0, 1}};
    const uint8_t ten[4] = {10};
    FUZZ_CLAIM(wg_allowedips_insert(&side->tunnel.allowedips, 4, ten, 8, 0) == WG_OK);
}

static void handshake(unsigned initiator, uint8_t seed, uint64_t now_ms) {
    uint8_t a[32], b[32];
    memset(a, seed, 32);
    memset(b, seed ^ 0x55, 32);
    uint32_t mine = ++last_index, theirs = ++last_index;
    a[0] = (uint8_t)mine;
    FUZZ_CLAIM(wg_tunnel_install(&sides[initiator].tunnel, 0, a, b, true, mine, theirs, now_ms) == WG_OK);
    FUZZ_CLAIM(wg_tunnel_install(&sides[!initiator].tunnel, 0, b, a, false, theirs, mine, now_ms) == WG_OK);
}

// An IPv4 packet of len bytes, 20 at the least, with a number in it that no other has.
static void fill_packet(uint8_t *packet, size_t len, uint32_t number, uint8_t source) {
    memset(packet, 0, len);
    packet[0] = 0x45;
    wg_store16_be(packet + 2, (uint16_t)len);
    packet[12] = source;
    packet[16] = 10;
    wg_store32_be(packet + 4, number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    uint64_t now_ms = 1;
    uint32_t number = 0;
    static bool delivered[SENT_MOST];
    uint8_t wire[PACKET + WG_TRANSPORT_OVERHEAD] = {0};
    size_t wire_len = 0;
    unsigned wire_from = 0;
    memset(delivered, 0, sizeof delivered);
    begin(&sides[0]);
    begin(&sides[1]);
    last_index = 0;
    while (input.len > 0 && number < SENT_MOST - 1) {
        uint8_t op = fuzz_u8(&input);
        unsigned from = op >> 7;
        wg_tunnel_t *tunnel = &sides[from].tunnel;
        uint8_t packet[PACKET];
        uint16_t peer;
        uint8_t events;
        wg_opened_t opened;
        switch (op & 7) {
        case 0:
            handshake(from, fuzz_u8(&input), now_ms);
            break;
        case 1: { // seal a packet; it is now what lies on the wire
            size_t packet_len = 20 + fuzz_u8(&input) % 180;
            fill_packet(packet, packet_len, ++number, op & 0x40 ? 11 : 10);
            FUZZ_CLAIM(wg_tunnel_route(tunnel, packet, packet_len, &peer) == WG_OK && peer == 0);
            if (wg_tunnel_seal(tunnel, 0, wire, sizeof wire, packet, packet_len, now_ms, &wire_len) == WG_OK) {
                wire_from = from;
            } else {
                wire_len = 0;
                (void)wg_tunnel_queue(tunnel, 0, packet, packet_len);
            }
            break;
        }
        case 2: { // deliver the wire, spoiled or not, to the other side; it stays there to be replayed
            uint8_t copy[sizeof wire];
            wg_endpoint_t source = {.family = 4, .port = (uint16_t)(op + 1), .address = {127, 0, 0, 2}};
            uint8_t where = fuzz_u8(&input), what = op & 0x40 ? fuzz_u8(&input) : 0;
            memcpy(copy, wire, wire_len);
            if (wire_len > 0) {
                copy[where % wire_len] ^= what;
            }
            wg_tunnel_t *to = &sides[!wire_from].tunnel;
            if (wg_tunnel_open(to, copy, wire_len, &source, now_ms, &opened) == WG_OK && opened.len > 0) {
                uint32_t got = wg_load32_be(opened.inner + 4);
                FUZZ_CLAIM(what == 0 && opened.peer == 0 && got <= number && !delivered[got]);
                FUZZ_CLAIM(opened.inner[12] == 10 && opened.len == wg_load16_be(opened.inner + 2));
                FUZZ_CLAIM(to->memory.peers[0].endpoint.port == source.port);
                delivered[got] = true;
            }
            break;
        }
        case 3: { // a datagram of the stranger's own
            uint8_t *datagram = malloc(PACKET);
            wg_endpoint_t source = {.family = 4, .port = 666, .address = {127, 0, 0, 3}};
            size_t datagram_len = fuzz_bytes(&input, datagram, op & 0x40 ? 31 : 80);
            if (datagram_len >= 8 && op & 0x20) {
                wg_store32_le(datagram, WG_MESSAGE_TRANSPORT);
                wg_store32_le(datagram + 4, last_index);
            }
            FUZZ_CLAIM(wg_tunnel_open(tunnel, datagram, datagram_len, &source, now_ms, &opened) != WG_OK);
            FUZZ_CLAIM(sides[from].peers[0].endpoint.port != 666);
            free(datagram);
            break;
        }
        case 4:
            now_ms += (uint64_t)fuzz_u8(&input) << (op >> 3 & 15);
            break;
        case 5:
            if (wg_tunnel_take_event(tunnel, &peer, &events)) {
                FUZZ_CLAIM(peer == 0 && events != 0);
                wg_tunnel_watch(tunnel, peer, events);
            }
            break;
        case 6:
            if (wg_tunnel_seal_queued(tunnel, 0, wire, sizeof wire, now_ms, &wire_len)) {
                wire_from = from;
            }
            break;
        case 7: { // an inner packet of the user's own
            uint8_t *inner = malloc(80);
            size_t inner_len = fuzz_bytes(&input, inner, op >> 3 & 7 ? 60 : 10);
            if (wg_tunnel_route(tunnel, inner, inner_len, &peer) == WG_OK) {
                FUZZ_CLAIM(peer == 0 && inner_len >= 20);
            }
            free(inner);
            break;
        }
        }
        FUZZ_CLAIM(sides[from].peers[0].queue_len <= 4);
    }
    wg_tunnel_wipe(&sides[0].tunnel);
    wg_tunnel_wipe(&sides[1].tunnel);
    return 0;
}
