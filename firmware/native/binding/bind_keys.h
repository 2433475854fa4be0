// The state of objects that hold keys.
#ifndef BIND_KEYS_H
#define BIND_KEYS_H

#include <stdint.h>

#include "bind.h"
#include "wg_blake2s.h"

// PrivateKey and PresharedKey.
typedef struct {
    bind_state_t state;
    uint8_t key[32];
} bind_key_t;

typedef struct {
    bind_state_t state;
    uint8_t key[32];
    uint64_t nonce; // of the next message
} bind_cipher_t;

typedef struct {
    bind_state_t state;
    bool has_key;
    uint8_t chaining_key[WG_HASH_LEN];
    uint8_t hash[WG_HASH_LEN];
    uint8_t key[32];
    uint64_t nonce;
} bind_symmetric_t;

// Erase a cipher and mark it as wiped.
void bind_cipher_wipe(bind_cipher_t *cipher);

#endif
