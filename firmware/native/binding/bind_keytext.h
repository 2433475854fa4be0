// Keys written as text: base64 (44 characters) and hexadecimal (64 digits), read without a branch or a table index that
// depends on the key.
#ifndef BIND_KEYTEXT_H
#define BIND_KEYTEXT_H

#include <stdbool.h>
#include <stdint.h>

#define BIND_BASE64_LEN 44
#define BIND_HEX_LEN 64

// False: not the canonical text of 32 bytes; key is then undefined.
bool bind_from_base64(uint8_t key[32], const uint8_t text[BIND_BASE64_LEN]);
bool bind_from_hex(uint8_t key[32], const uint8_t text[BIND_HEX_LEN]);

#endif
