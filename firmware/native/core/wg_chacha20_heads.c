#include "wg_chacha20_heads.h"

void wg_chacha20_heads(const wg_chacha20_head_t *head, wg_chacha20_heads_t *heads, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t nonce[3], out[4], spare[4];
        for (int word = 0; word < 3; word++) {
            nonce[word] = heads->nonces[word][i];
        }
        wg_chacha20_head(head, nonce, out, spare);
        for (int word = 0; word < 4; word++) {
            heads->out[word][i] = out[word];
            heads->spare[word][i] = spare[word];
        }
    }
}
