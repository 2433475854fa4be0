#include "rt_split.h"

#include "rt_ipv4.h"
#include "wg_bytes.h"

void rt_split_begin(rt_split_t *split, uint8_t *packet, size_t len, uint16_t mtu) {
    memcpy(split->header, packet, RT_IPV4_LEN);
    split->next = packet + RT_IPV4_LEN;
    split->left = len - RT_IPV4_LEN;
    split->step = (uint16_t)((mtu - RT_IPV4_LEN) & ~7u);
    split->field = wg_load16_be(packet + RT_IPV4_FRAGMENT);
}

bool rt_split_next(rt_split_t *split, uint8_t **fragment, size_t *len) {
    if (split->left == 0) {
        return false;
    }
    // The last fragment of a fragment has others behind it if that has.
    bool is_last = split->left <= split->step;
    uint16_t payload_len = is_last ? (uint16_t)split->left : split->step;
    uint8_t *header = split->next - RT_IPV4_LEN;
    memcpy(header, split->header, RT_IPV4_LEN);
    wg_store16_be(header + RT_IPV4_TOTAL_LEN, (uint16_t)(RT_IPV4_LEN + payload_len));
    wg_store16_be(header + RT_IPV4_FRAGMENT, (uint16_t)(split->field | (is_last ? 0 : RT_MORE_FRAGMENTS)));
    rt_store16(header + RT_IPV4_CHECKSUM, 0);
    rt_store16(header + RT_IPV4_CHECKSUM, (uint16_t)~rt_sum(header, RT_IPV4_LEN));
    *fragment = header;
    *len = (size_t)RT_IPV4_LEN + payload_len;
    split->next += payload_len;
    split->left -= payload_len;
    split->field = (uint16_t)(split->field + payload_len / 8);
    return true;
}
