// TLS 1.2 and 1.3, as a client, on Mbed TLS: behind cr_stream_secure(). This header knows nothing of Mbed TLS.
//
// Whom it believes: a pin is the SHA-256 of a SubjectPublicKeyInfo (RFC 7469, 2.4).
//   - The key of the certificate that is shown is pinned: it is the gateway, whatever else the certificate says (a self-signed one,
//     any name, any time). That it has the private key is shown by its signature in the handshake, always.
//   - The key of an issuer in the chain is pinned: every signature from there down is checked, that issuers are such, the name, and
//     the times if the clock is right. Without a name there is nothing to tell the gateway from others of that issuer by: refused.
//   - No pin: no handshake is begun. There is no list of authorities.
// ALPN is http/1.1 alone; no renegotiation, no tickets, no early data, no client certificates. All randomness is the given generator's.
//
// Memory: one arena, given once. Nothing is taken from anywhere else, and when a connection ends its part of the arena is wiped.
#ifndef CR_TLS_H
#define CR_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CR_PIN_LEN 32
#define CR_PINS_MAX 4
#define CR_NAME_MAX 253 // of a host

// Once, before the first stream is secured. arena: memory of len bytes, aligned to 8, TLS's for good (how much: README.md).
// fill_random: bytes fit for keys; false: there are none now, and the handshake ends.
void cr_tls_start(void *arena, size_t len, bool (*fill_random)(uint8_t *out, size_t len));

// Bytes of the arena in use now, and the most that ever were.
size_t cr_tls_used(void);
size_t cr_tls_used_most(void);

#endif
