// TLS's randomness: the generator that cr_tls_start() was given.
#ifndef CR_RANDOM_H
#define CR_RANDOM_H

#include <stddef.h>

// As Mbed TLS asks for it; 0, or not when there is none.
int cr_random_for_tls(void *context, unsigned char *out, size_t len);

#endif
