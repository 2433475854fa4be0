#include "wg_bytes.h"
#include "wg_chacha20_heads.h"
#include "wg_chacha20_widths.h"

void wg_chacha20_heads(const wg_chacha20_head_t *head, wg_chacha20_heads_t *heads, size_t count) {
#if defined(__x86_64__)
    if (count > 8 && __builtin_cpu_supports("avx512f")) {
        heads_16(head, heads, 0);
        return;
    }
    if (count > 4 && __builtin_cpu_supports("avx2")) {
        for (size_t at = 0; at < count; at += 8) {
            heads_8(head, heads, at);
        }
        return;
    }
#endif
    for (size_t at = 0; at < count; at += 4) {
        heads_4(head, heads, at);
    }
}
