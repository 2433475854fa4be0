// with: router
// The translation between LAN and tunnel under packets of every kind, beside a model that remembers who has written to whom:
// what goes out has our address and right checksums, what comes in goes to a client that has asked this very address and port,
// and the table stays sound.

#define LAB_BUCKETS 2
#include "../rt_lab.h"
#include "fuzz_input.h"

#define MOST 4096

typedef struct {
    uint8_t protocol;
    uint32_t client, remote; // of a query to us, whom it was translated to
    uint16_t client_port, remote_port, outer;
} asked_t;

static lab_t lab;
static uint8_t passed[2][LAB_ROOM]; // what has passed last out and in, for errors to quote
static size_t passed_len[2];
static asked_t asked[MOST];
static size_t asked_count;

static const uint8_t remotes[4][4] = {{93, 184, 216, 34}, {198, 51, 100, 7}, {10, 66, 0, 53}, {10, 66, 0, 2}};

static uint32_t remote(uint8_t n) {
    uint32_t address;
    memcpy(&address, remotes[n % 4], sizeof address);
    return address;
}

// The ports of a first piece as the model knows them: of an echo, its identifier is the client's.
static void read_ports(const uint8_t *packet, bool is_outbound, uint16_t *client_port, uint16_t *remote_port) {
    if (packet[9] == 1) {
        *client_port = echo_id_of(packet);
        *remote_port = 0;
    } else {
        *client_port = is_outbound ? source_port_of(packet) : destination_port_of(packet);
        *remote_port = is_outbound ? destination_port_of(packet) : source_port_of(packet);
    }
}

static bool is_error(const uint8_t *packet) {
    return packet[9] == 1 && (packet[20] == 3 || packet[20] == 11 || packet[20] == 12);
}

static bool is_later_piece(const uint8_t *packet) {
    return (wg_load16_be(packet + 6) & 0x1fff) != 0;
}

// Transport sums were right before, so they must be right after; of pieces only the header's can be known.
static void claim_sums(const uint8_t *before, const uint8_t *after, size_t len) {
    FUZZ_CLAIM(header_sum_is_right(after));
    if ((wg_load16_be(after + 6) & 0x3fff) == 0 && sums_are_right(before, len)) {
        FUZZ_CLAIM(sums_are_right(after, len));
    }
}

static void claim_outbound(const uint8_t *before) {
    const uint8_t *after = lab.packet;
    FUZZ_CLAIM(source_of(after) == LAB_TUNNEL);
    FUZZ_CLAIM(after[8] == before[8] - 1 && after[9] == before[9]);
    FUZZ_CLAIM(destination_of(after) == (destination_of(before) == LAB_LAN ? LAB_DNS : destination_of(before)));
    claim_sums(before, after, lab.len);
    if (is_later_piece(before) || is_error(before)) {
        return;
    }
    asked_t entry = {.protocol = before[9], .client = source_of(before), .remote = destination_of(after)};
    uint16_t same;
    read_ports(before, true, &entry.client_port, &entry.remote_port);
    read_ports(after, true, &entry.outer, &same);
    FUZZ_CLAIM(same == entry.remote_port);
    if (asked_count < MOST) {
        asked[asked_count++] = entry;
    }
}

static void claim_inbound(const uint8_t *before) {
    const uint8_t *after = lab.packet;
    FUZZ_CLAIM(destination_of(before) == LAB_TUNNEL);
    FUZZ_CLAIM(after[8] == before[8] - 1 && after[9] == before[9]);
    claim_sums(before, after, lab.len);
    const uint8_t *about = before, *about_after = after;
    uint16_t outer, remote_port, client_port, same;
    uint32_t who = destination_of(after), from = source_of(before);
    if (is_error(before) && !is_later_piece(before)) {
        about = before + 28;
        about_after = after + 28;
        FUZZ_CLAIM(source_of(about) == LAB_TUNNEL && source_of(about_after) == who);
        from = destination_of(about);
    } else {
        FUZZ_CLAIM(source_of(after) == from || (source_of(after) == LAB_LAN && from == LAB_DNS));
    }
    read_ports(about, about != before, &outer, &remote_port);
    read_ports(about_after, about != before, &client_port, &same);
    for (size_t i = 0; i < asked_count; i++) {
        const asked_t *a = &asked[i];
        bool same_flow = a->protocol == about[9] && a->client == who && a->remote == from;
        if (same_flow && (is_later_piece(before) || (a->outer == outer && a->remote_port == remote_port &&
                                                     a->client_port == client_port && same == remote_port))) {
            return;
        }
    }
    FUZZ_CLAIM(!"somebody who has not asked gets a packet");
}

// The packet in hand stays inside itself when it is cut.
static void claim_split(void) {
    rt_split_t split;
    uint8_t *piece;
    size_t len, total = 0;
    rt_split_begin(&split, lab.packet, lab.len, lab.router.mtu);
    while (rt_split_next(&split, &piece, &len)) {
        FUZZ_CLAIM(len <= lab.router.mtu && piece >= lab.packet && piece + len <= lab.packet + lab.len);
        FUZZ_CLAIM(header_sum_is_right(piece) && source_of(piece) == LAB_TUNNEL);
        total += len - 20;
    }
    FUZZ_CLAIM(total == lab.len - 20);
}

static void claim_answer(const uint8_t *before) {
    const uint8_t *answer = lab.router.answer;
    FUZZ_CLAIM(lab.router.answer_len >= 28 && wg_load16_be(answer + 2) == lab.router.answer_len);
    FUZZ_CLAIM(header_sum_is_right(answer) && destination_of(answer) == source_of(before));
    FUZZ_CLAIM(source_of(answer) == LAB_TUNNEL || source_of(answer) == LAB_LAN);
    // An echo comes back with what was in it, right or not.
    FUZZ_CLAIM(sums_are_right(answer, lab.router.answer_len) || !sums_are_right(before, lab.router.answer_len));
}

// A packet of some kind: mostly one that could be, with a few bytes spoilt and the sums mended after it or not.
static void take_packet(fuzz_input_t *input, bool is_outbound) {
    uint8_t kind = fuzz_u8(input), ends = fuzz_u8(input), spoilt = fuzz_u8(input), size = fuzz_u8(input);
    uint32_t inner = client((uint8_t)(2 + (ends & 3))), outer = remote((uint8_t)(ends >> 2));
    uint32_t from = is_outbound ? inner : outer, to = is_outbound ? outer : LAB_TUNNEL;
    uint16_t from_port = (uint16_t)(53 + (ends >> 4 & 1)), to_port = (uint16_t)(53 + (ends >> 5));
    size_t data_len = (kind & 0x20) != 0 ? 1300 + size : size % 64;
    if (is_outbound && (kind & 0x10) != 0) {
        to = LAB_LAN;
    }
    if (!is_outbound && (kind & 0x10) != 0 && asked_count != 0) { // what one of the clients waits for
        const asked_t *a = &asked[size % asked_count];
        from = a->remote;
        from_port = a->remote_port;
        to_port = a->outer;
        kind = (uint8_t)((kind & 0xf0) | (a->protocol == 17 ? 0 : a->protocol == 6 ? 1 : 3));
    }
    static const uint8_t options[] = {1, 2, 4, 0x05, 0xb4, 1, 1, 0};
    const segment_t segment = {.flags = fuzz_u8(input),
                               .sequence = size,
                               .ack = spoilt,
                               .options = options,
                               .options_len = (kind & 0x80) != 0 ? 8 : 0,
                               .data_len = data_len};
    switch (kind & 7) {
    case 0:
    case 7:
        lab.len = write_udp(lab.packet, from, from_port, to, to_port, data_len);
        break;
    case 1:
    case 6:
        lab.len = write_tcp(lab.packet, from, from_port, to, to_port, segment);
        break;
    case 2:
        lab.len = write_echo(lab.packet, from, to, false, from_port, data_len);
        break;
    case 3:
        lab.len = write_echo(lab.packet, from, to, true, to_port, data_len);
        break;
    default: { // about what went the other way
        const uint8_t *quoted = passed[is_outbound];
        size_t quoted_len = passed_len[is_outbound] < 576 ? passed_len[is_outbound] : 576;
        if (is_outbound && quoted_len != 0) {
            from = destination_of(quoted);
            to = source_of(quoted);
        }
        lab.len = write_error(lab.packet, from, to, (uint8_t)(3 + (size & 1) * 8), size >> 4, quoted, quoted_len);
        break;
    }
    }
    if ((kind & 0x40) != 0) { // a piece
        wg_store16_be(lab.packet + 6, (uint16_t)(((size & 1) << 13) | (size >> 1 & 3) * (data_len / 8)));
        mend_header(lab.packet);
    }
    for (unsigned i = 0; i < (spoilt & 3); i++) {
        lab.packet[fuzz_u16(input) % lab.len] = fuzz_u8(input);
    }
    if ((spoilt & 4) != 0) {
        mend_sums(lab.packet, lab.len);
    }
    lab.len -= (spoilt & 8) != 0 ? fuzz_u8(input) % lab.len : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_input_t input = {data, size};
    asked_count = passed_len[0] = passed_len[1] = 0;
    FUZZ_CLAIM(lab_open(&lab));
    while (input.len != 0) {
        static uint8_t before[LAB_ROOM];
        uint8_t what = fuzz_u8(&input);
        bool is_outbound = (what & 1) == 0;
        lab.now_ms += (what & 0x80) != 0 ? (uint64_t)(what & 0x7e) * 1000 : what;
        take_packet(&input, is_outbound);
        memcpy(before, lab.packet, sizeof before);
        rt_verdict_t verdict = is_outbound ? lab_out(&lab) : lab_in(&lab);
        if (verdict == RT_ANSWER) {
            claim_answer(before);
        } else if (verdict == RT_OK || verdict == RT_SPLIT) {
            if (is_outbound) {
                claim_outbound(before);
            } else {
                FUZZ_CLAIM(verdict == RT_OK);
                claim_inbound(before);
            }
            memcpy(passed[!is_outbound], lab.packet, lab.len);
            passed_len[!is_outbound] = lab.len;
            FUZZ_CLAIM((verdict == RT_SPLIT) == (is_outbound && lab.len > LAB_MTU));
            if (verdict == RT_SPLIT) {
                claim_split();
            }
        }
    }
    FUZZ_CLAIM(table_is_sound(&lab.router.napt));
    return 0;
}
