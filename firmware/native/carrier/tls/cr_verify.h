// Which certificates are believed: by pins, as ../cr_tls.h says.
#ifndef CR_VERIFY_H
#define CR_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "cr_end.h"
#include "cr_tls.h"
#include "mbedtls/x509_crt.h"

typedef struct {
    uint8_t pins[CR_PINS_MAX][CR_PIN_LEN];
    uint8_t pin_count;
    bool has_name;
    bool below_pin; // an issuer further up is pinned
    cr_end_t why;   // what was wrong, the first of several
    uint64_t now_s; // 0: nobody knows
} cr_verify_t;

// What Mbed TLS calls for each certificate of the chain it has built, from the top to the one of the server (depth 0). flags: what is
// wrong with it; what is left of the last one's refuses the server. context: a cr_verify_t.
int cr_verify_certificate(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

#endif
