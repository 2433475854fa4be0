#include "path_checksum.h"

#include <arpa/inet.h>

// gcc makes a second version for wide registers; which one runs is found out when the program is loaded. (clang names such
// functions in its own way, and does well with the first.)
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define WIDE_TOO __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_TOO
#endif

typedef uint64_t lanes_t __attribute__((vector_size(32)));

WIDE_TOO
uint64_t path_checksum_add(uint64_t sum, const uint8_t *data, size_t len) {
    // Sums of 32-bit words in 64-bit lanes: no carries to handle. Each lane stays below 2^33 * 1024 for any packet.
    lanes_t low = {0}, high = {0}, low_2 = {0}, high_2 = {0};
    const lanes_t mask = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    while (len >= 64) {
        lanes_t words, words_2;
        memcpy(&words, data, 32);
        memcpy(&words_2, data + 32, 32);
        low += words & mask;
        high += words >> 32;
        low_2 += words_2 & mask;
        high_2 += words_2 >> 32;
        data += 64;
        len -= 64;
    }
    low += high + low_2 + high_2;
    sum += low[0] + low[1] + low[2] + low[3];
    while (len >= 4) {
        uint32_t word;
        memcpy(&word, data, sizeof word);
        sum += word;
        data += 4;
        len -= 4;
    }
    if (len >= 2) {
        sum += path_checksum_load(data);
        data += 2;
        len -= 2;
    }
    if (len == 1) {
        const uint8_t last[2] = {data[0], 0};
        sum += path_checksum_load(last);
    }
    return sum;
}

uint64_t path_checksum_pseudo(uint64_t sum, const uint8_t *ip, uint8_t protocol, size_t transport_len) {
    if (ip[0] >> 4 == 4) {
        sum = path_checksum_add(sum, ip + 12, 8);
    } else {
        sum = path_checksum_add(sum, ip + 8, 32);
    }
    return sum + htons(protocol) + htons((uint16_t)transport_len);
}

void path_checksum_ipv4(uint8_t *ip) {
    path_checksum_store(ip + 10, 0);
    path_checksum_store(ip + 10, (uint16_t)~path_checksum_fold(path_checksum_add(0, ip, (size_t)(ip[0] & 15) * 4)));
}
