// One TLS connection, as a client.
#ifndef CR_CLIENT_H
#define CR_CLIENT_H

#include "cr_stream.h"
#include "cr_tls.h"

typedef struct cr_client cr_client_t;

// In memory of the arena; NULL: there is not enough. hooks: send and receive of the connection, with context. The arguments are as
// for cr_stream_secure() and checked.
cr_client_t *cr_client_open(const cr_hooks_t *hooks, void *context, const char *name, size_t name_len,
                            const uint8_t *pins, size_t pin_count, uint64_t now_s);

// What a stream does with it; `secured` is a cr_client_t.
extern const cr_layer_t cr_client_layer;

#endif
