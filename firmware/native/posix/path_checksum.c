#include "path_checksum.h"

#include <arpa/inet.h>

uint64_t path_checksum_add(uint64_t sum, const uint8_t *data, size_t len) {
    // Four sums of 32-bit words in 64 bits: no carries to handle, and the compiler can use vector registers.
    uint64_t sums[4] = {0, 0, 0, 0};
    while (len >= 32) {
        uint32_t words[8];
        memcpy(words, data, sizeof words);
        for (unsigned i = 0; i < 4; i++) {
            sums[i] += (uint64_t)words[i] + words[i + 4];
        }
        data += 32;
        len -= 32;
    }
    // Each is below 2^32 * 65536 for any packet, so they add without loss.
    sum += sums[0] + sums[1] + sums[2] + sums[3];
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
