// Loads and stores of integers in a given byte order, at any alignment.
#ifndef WG_BYTES_H
#define WG_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t wg_load16_be(const uint8_t *p) {
    return (uint16_t)((p[0] << 8) | p[1]);
}

static inline void wg_store16_be(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline uint32_t wg_load32_be(const uint8_t *p) {
    return ((uint32_t)p[0] << 24) | ((uint32_t)p[1] << 16) | ((uint32_t)p[2] << 8) | p[3];
}

static inline void wg_store32_be(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline uint32_t wg_load32_le(const uint8_t *p) {
    return ((uint32_t)p[3] << 24) | ((uint32_t)p[2] << 16) | ((uint32_t)p[1] << 8) | p[0];
}

static inline void wg_store32_le(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline uint64_t wg_load64_le(const uint8_t *p) {
    return ((uint64_t)wg_load32_le(p + 4) << 32) | wg_load32_le(p);
}

static inline void wg_store64_le(uint8_t *p, uint64_t v) {
    wg_store32_le(p, (uint32_t)v);
    wg_store32_le(p + 4, (uint32_t)(v >> 32));
}

#endif
