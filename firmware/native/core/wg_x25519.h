// X25519 (RFC 7748, section 5).
#ifndef WG_X25519_H
#define WG_X25519_H

#include <stdbool.h>
#include <stdint.h>

// out = scalar * point, the scalar clamped here. False: the result is all zero (a low-order point), and must not be used.
bool wg_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

// The public key of a private key.
void wg_x25519_public(uint8_t out[32], const uint8_t scalar[32]);

#endif
