// SHA-1 (FIPS 180-4, 6.1), because WebSocket's accept value is made with it (RFC 6455, 4.2.2). Nothing secret and nothing secure.
#ifndef CR_SHA1_H
#define CR_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define CR_SHA1_LEN 20

void cr_sha1(uint8_t out[CR_SHA1_LEN], const uint8_t *data, size_t len);

#endif
