#include "rt_mss.h"

#include "rt_ipv4.h"
#include "rt_tcp.h"
#include "wg_bytes.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_MSS_LEN = 4 };

static uint16_t swapped(uint16_t v) {
    return (uint16_t)((v << 8) | (v >> 8));
}

static void lower(uint8_t *tcp, size_t at, uint16_t most) {
    if (wg_load16_be(tcp + at) <= most) {
        return;
    }
    uint16_t from = rt_load16(tcp + at);
    wg_store16_be(tcp + at, most);
    uint16_t to = rt_load16(tcp + at);
    // At an odd place its two bytes belong to two words of the sum, the other way round.
    uint32_t change = at % 2 == 0 ? rt_change16(0, from, to) : rt_change16(0, swapped(from), swapped(to));
    rt_apply(tcp + RT_TCP_CHECKSUM, change);
}

void rt_mss_clamp(uint8_t *tcp, size_t header_len, uint16_t most) {
    size_t at = RT_TCP_LEN;
    while (at + 1 < header_len && tcp[at] != OPTION_END) {
        if (tcp[at] == OPTION_NOP) {
            at++;
            continue;
        }
        size_t len = tcp[at + 1];
        if (len < 2 || len > header_len - at) {
            return;
        }
        if (tcp[at] == OPTION_MSS && len == OPTION_MSS_LEN) {
            lower(tcp, at + 2, most);
        }
        at += len;
    }
}
