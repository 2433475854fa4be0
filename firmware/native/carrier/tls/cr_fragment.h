// Short records with TLS 1.3.
#ifndef CR_FRAGMENT_H
#define CR_FRAGMENT_H

#include "mbedtls/ssl.h"

// Mbed TLS 3.6 offers max_fragment_length (RFC 6066, 4) for both versions and does not note it, so that with TLS 1.3 it refuses the
// answer of a server that agrees. To be called before each step of the handshake.
void cr_fragment_was_offered(mbedtls_ssl_context *ssl);

#endif
