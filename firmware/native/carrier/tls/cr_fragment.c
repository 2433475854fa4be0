#define MBEDTLS_ALLOW_PRIVATE_ACCESS

#include "cr_fragment.h"

#include "ssl_misc.h" // of Mbed TLS's library: what a handshake knows of itself

void cr_fragment_was_offered(mbedtls_ssl_context *ssl) {
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    if (ssl->handshake != NULL) {
        ssl->handshake->sent_extensions |= MBEDTLS_SSL_EXT_MASK(MAX_FRAGMENT_LENGTH);
    }
#else
    (void)ssl;
#endif
}
