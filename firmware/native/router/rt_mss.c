#include "rt_mss.h"

#include "rt_ipv4.h"
#include "rt_tcp.h"
#include "wg_bytes.h"

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_MSS_LEN = 4 };

static uint16_t swapped(uint16_t v) {
    return (uint16_t)((v << 8) | (v >> 8));
}

static void lower(uint8_t *tcp, size_t at, uint16_t most) {
    uint16_t before = wg_load16_be(tcp + at);
    if (before <= most) {
        return;
    }
    wg_store16_be(tcp + at, most);
    // At an odd place its two bytes belong to two words of the sum, the other way round.
    uint16_t from = at % 2 == 0 ? before : swapped(before);
    uint16_t to = at % 2 == 0 ? most : swapped(most);
    rt_apply(tcp + RT_TCP_CHECKSUM, rt_change16(0, rt_host16(from), rt_host16(to)));
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
