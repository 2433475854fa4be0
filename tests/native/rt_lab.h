// A router with its memory, and packets to put through it: written, and their checksums summed, the slow and obvious way.
#ifndef RT_LAB_H
#define RT_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "rt.h"
#include "wg_bytes.h"

// Few buckets make long chains.
#ifndef LAB_BUCKETS
#define LAB_BUCKETS 64
#endif
enum { LAB_FLOWS = 64, LAB_CLIENTS = 8, LAB_FRAGMENTS = 16, LAB_MTU = 1420, LAB_ROOM = 2048 };

// An address as it stands in packets.
static inline uint32_t ip(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    const uint8_t bytes[4] = {a, b, c, d};
    uint32_t address;
    memcpy(&address, bytes, sizeof address);
    return address;
}

// A port as it stands in packets, and back: the same thing.
static inline uint16_t net16(uint16_t v) {
    uint8_t bytes[2];
    uint16_t stored;
    wg_store16_be(bytes, v);
    memcpy(&stored, bytes, sizeof stored);
    return stored;
}

#define LAB_LAN ip(10, 7, 7, 1)
#define LAB_MASK ip(255, 255, 255, 0)
#define LAB_TUNNEL ip(10, 66, 0, 2)
#define LAB_DNS ip(10, 66, 0, 53)
#define LAB_SERVER ip(93, 184, 216, 34)
#define LAB_OTHER ip(198, 51, 100, 7)

static inline uint32_t client(uint8_t n) {
    return ip(10, 7, 7, n);
}

typedef struct {
    rt_router_t router;
    rt_flow_t flows[LAB_FLOWS];
    rt_mapping_t mappings[LAB_FLOWS];
    uint16_t buckets[3 * LAB_BUCKETS];
    rt_client_t clients[LAB_CLIENTS];
    rt_fragment_t fragments[LAB_FRAGMENTS];
    uint64_t now_ms;
    // The packet in hand.
    _Alignas(4) uint8_t packet[LAB_ROOM];
    size_t len;
} lab_t;

static inline rt_memory_t lab_memory(lab_t *lab) {
    return (rt_memory_t){
        .napt = {.flows = lab->flows,
                 .mappings = lab->mappings,
                 .flow_capacity = LAB_FLOWS,
                 .buckets = lab->buckets,
                 .bucket_count = LAB_BUCKETS,
                 .clients = lab->clients,
                 .client_capacity = LAB_CLIENTS},
        .fragments = lab->fragments,
        .fragment_capacity = LAB_FRAGMENTS,
    };
}

// An open router, all memory filled with rubbish before. False: it did not take the memory.
static inline bool lab_open(lab_t *lab) {
    static const uint8_t seed[RT_SEED_LEN] = {1, 2, 3};
    memset(lab, 0xa5, sizeof *lab);
    rt_memory_t memory = lab_memory(lab);
    if (!rt_init(&lab->router, &memory, seed)) {
        return false;
    }
    rt_set_lan(&lab->router, LAB_LAN, LAB_MASK);
    rt_set_tunnel(&lab->router, LAB_TUNNEL, LAB_MTU, LAB_DNS);
    lab->now_ms = 1;
    return true;
}

static inline uint16_t slow_sum(const uint8_t *data, size_t len, uint32_t sum) {
    for (size_t i = 0; i < len; i++) {
        sum += (i & 1) == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

static inline uint16_t slow_pseudo_sum(const uint8_t *packet, size_t len) {
    uint32_t sum = slow_sum(packet + 12, 8, 0) + packet[9] + (uint32_t)(len - 20);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static inline bool header_sum_is_right(const uint8_t *packet) {
    return slow_sum(packet, 20, 0) == 0xffff;
}

// Both checksums of a whole packet. A UDP checksum of 0 is right.
static inline bool sums_are_right(const uint8_t *packet, size_t len) {
    if (len < 20 || !header_sum_is_right(packet)) {
        return false;
    }
    if (packet[9] == 1) {
        return slow_sum(packet + 20, len - 20, 0) == 0xffff;
    }
    if (packet[9] == 17 && wg_load16_be(packet + 26) == 0) {
        return true;
    }
    return slow_sum(packet + 20, len - 20, slow_pseudo_sum(packet, len)) == 0xffff;
}

// Write all checksums of a whole packet anew.
static inline void mend_sums(uint8_t *packet, size_t len) {
    size_t at = packet[9] == 6 ? 36 : packet[9] == 17 ? 26 : 22;
    wg_store16_be(packet + 10, 0);
    wg_store16_be(packet + 10, (uint16_t)~slow_sum(packet, 20, 0));
    if (len < at + 2) {
        return;
    }
    wg_store16_be(packet + at, 0);
    uint16_t sum = (uint16_t)~slow_sum(packet + 20, len - 20, packet[9] == 1 ? 0 : slow_pseudo_sum(packet, len));
    wg_store16_be(packet + at, sum == 0 && packet[9] == 17 ? 0xffff : sum);
}

static inline void mend_header(uint8_t *packet) {
    wg_store16_be(packet + 10, 0);
    wg_store16_be(packet + 10, (uint16_t)~slow_sum(packet, 20, 0));
}

static inline size_t write_ip(uint8_t *packet, uint8_t protocol, uint32_t source, uint32_t destination,
                              size_t payload_len) {
    static const uint8_t start[12] = {0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64};
    memcpy(packet, start, sizeof start);
    packet[9] = protocol;
    wg_store16_be(packet + 2, (uint16_t)(20 + payload_len));
    memcpy(packet + 12, &source, 4);
    memcpy(packet + 16, &destination, 4);
    for (size_t i = 0; i < payload_len; i++) {
        packet[20 + i] = (uint8_t)(i * 31 + (i >> 8));
    }
    return 20 + payload_len;
}

// Ports in host byte order. The payload is data_len bytes.
static inline size_t write_udp(uint8_t *packet, uint32_t source, uint16_t source_port, uint32_t destination,
                               uint16_t destination_port, size_t data_len) {
    size_t len = write_ip(packet, 17, source, destination, 8 + data_len);
    wg_store16_be(packet + 20, source_port);
    wg_store16_be(packet + 22, destination_port);
    wg_store16_be(packet + 24, (uint16_t)(8 + data_len));
    mend_sums(packet, len);
    return len;
}

typedef struct {
    uint32_t sequence, ack;
    uint8_t flags;
    const uint8_t *options;
    size_t options_len, data_len;
} segment_t;

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static inline size_t write_tcp(uint8_t *packet, uint32_t source, uint16_t source_port, uint32_t destination,
                               uint16_t destination_port, segment_t segment) {
    size_t len = write_ip(packet, 6, source, destination, 20 + segment.options_len + segment.data_len);
    wg_store16_be(packet + 20, source_port);
    wg_store16_be(packet + 22, destination_port);
    wg_store32_be(packet + 24, segment.sequence);
    wg_store32_be(packet + 28, segment.ack);
    packet[32] = (uint8_t)((20 + segment.options_len) << 2);
    packet[33] = segment.flags;
    if (segment.options_len != 0) {
        memcpy(packet + 40, segment.options, segment.options_len);
    }
    mend_sums(packet, len);
    return len;
}

static inline size_t write_echo(uint8_t *packet, uint32_t source, uint32_t destination, bool is_reply, uint16_t id,
                                size_t data_len) {
    size_t len = write_ip(packet, 1, source, destination, 8 + data_len);
    packet[20] = is_reply ? 0 : 8;
    packet[21] = 0;
    wg_store16_be(packet + 24, id);
    mend_sums(packet, len);
    return len;
}

// An ICMP error about the first quoted_len bytes of a packet.
static inline size_t write_error(uint8_t *packet, uint32_t source, uint32_t destination, uint8_t type, uint8_t code,
                                 const uint8_t *quoted, size_t quoted_len) {
    uint8_t copy[LAB_ROOM];
    memcpy(copy, quoted, quoted_len);
    size_t len = write_ip(packet, 1, source, destination, 8 + quoted_len);
    memset(packet + 20, 0, 8);
    packet[20] = type;
    packet[21] = code;
    memcpy(packet + 28, copy, quoted_len);
    mend_sums(packet, len);
    return len;
}

static inline uint32_t source_of(const uint8_t *packet) {
    uint32_t address;
    memcpy(&address, packet + 12, sizeof address);
    return address;
}

static inline uint32_t destination_of(const uint8_t *packet) {
    uint32_t address;
    memcpy(&address, packet + 16, sizeof address);
    return address;
}

static inline uint16_t source_port_of(const uint8_t *packet) {
    return wg_load16_be(packet + 20);
}

static inline uint16_t destination_port_of(const uint8_t *packet) {
    return wg_load16_be(packet + 22);
}

static inline uint16_t echo_id_of(const uint8_t *packet) {
    return wg_load16_be(packet + 24);
}

// Put the packet in hand through the router.
static inline rt_verdict_t lab_out(lab_t *lab) {
    return rt_outbound(&lab->router, lab->packet, &lab->len, lab->now_ms);
}

static inline rt_verdict_t lab_in(lab_t *lab) {
    return rt_inbound(&lab->router, lab->packet, &lab->len, lab->now_ms);
}

// One UDP packet each way, ports in host byte order.
static inline rt_verdict_t lab_udp_out(lab_t *lab, uint32_t source, uint16_t source_port, uint32_t destination,
                                       uint16_t destination_port) {
    lab->len = write_udp(lab->packet, source, source_port, destination, destination_port, 10);
    return lab_out(lab);
}

static inline rt_verdict_t lab_udp_in(lab_t *lab, uint32_t source, uint16_t source_port, uint16_t port) {
    lab->len = write_udp(lab->packet, source, source_port, LAB_TUNNEL, port, 10);
    return lab_in(lab);
}

static inline rt_verdict_t lab_tcp_out(lab_t *lab, uint32_t source, uint16_t source_port, segment_t segment) {
    lab->len = write_tcp(lab->packet, source, source_port, LAB_SERVER, 443, segment);
    return lab_out(lab);
}

static inline rt_verdict_t lab_tcp_in(lab_t *lab, uint16_t port, segment_t segment) {
    lab->len = write_tcp(lab->packet, LAB_SERVER, 443, LAB_TUNNEL, port, segment);
    return lab_in(lab);
}

// Whether the table hangs together: what is reached by chains and lists is what the counts say, each flow once.
static inline bool table_is_sound(const rt_napt_t *napt) {
    const rt_napt_memory_t *memory = &napt->memory;
    unsigned in_lanes = 0, in_chains = 0, free_flows = 0, owners = 0, inside = 0, outside = 0, used = 0,
             free_mappings = 0;
    for (unsigned i = 0; i < memory->client_capacity; i++) {
        const rt_client_t *owner = &memory->clients[i];
        unsigned own = 0;
        for (unsigned lane = 0; owner->flows != 0 && lane < RT_LANE_COUNT; lane++) {
            uint16_t before = RT_NONE;
            for (uint16_t f = owner->lanes[lane].oldest; f != RT_NONE; f = memory->flows[f].newer) {
                const rt_flow_t *flow = &memory->flows[f];
                if (flow->lane != lane || flow->older != before || memory->mappings[flow->mapping].owner != i ||
                    (before != RT_NONE && memory->flows[before].used > flow->used)) {
                    return false;
                }
                before = f;
                own++;
            }
            if (owner->lanes[lane].newest != before) {
                return false;
            }
        }
        if (own != owner->flows) {
            return false;
        }
        in_lanes += own;
        owners += own != 0;
    }
    for (unsigned i = 0; i < memory->bucket_count; i++) {
        for (uint16_t m = memory->buckets[i]; m != RT_NONE; m = memory->mappings[m].next_inside) {
            inside++;
        }
        for (uint16_t m = memory->buckets[memory->bucket_count + i]; m != RT_NONE;
             m = memory->mappings[m].next_outside) {
            outside++;
            used += memory->mappings[m].flows;
            if (memory->mappings[m].flows == 0 ||
                memory->clients[memory->mappings[m].owner].address != memory->mappings[m].client) {
                return false;
            }
        }
        for (uint16_t f = memory->buckets[2u * memory->bucket_count + i]; f != RT_NONE; f = memory->flows[f].next) {
            in_chains++;
        }
    }
    for (uint16_t f = napt->free_flow; f != RT_NONE; f = memory->flows[f].next) {
        free_flows++;
    }
    for (uint16_t m = napt->free_mapping; m != RT_NONE; m = memory->mappings[m].next_inside) {
        free_mappings++;
    }
    return in_lanes == in_chains && in_lanes == used && inside == outside && owners == napt->client_count &&
           in_lanes + free_flows == memory->flow_capacity && inside + free_mappings == memory->flow_capacity;
}

#endif
