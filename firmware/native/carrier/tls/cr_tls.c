#include "cr_tls.h"

#include "cr_arena.h"
#include "cr_random.h"
#include "mbedtls/platform.h"
#include "psa/crypto.h"

static bool (*generator)(uint8_t *out, size_t len);

void cr_tls_start(void *arena, size_t len, bool (*fill_random)(uint8_t *out, size_t len)) {
    cr_arena_init(arena, len);
    generator = fill_random;
}

size_t cr_tls_used(void) {
    return cr_arena_used();
}

size_t cr_tls_used_most(void) {
    return cr_arena_used_most();
}

int cr_random_for_tls(void *context, unsigned char *out, size_t len) {
    (void)context;
    return generator != NULL && generator(out, len) ? 0 : PSA_ERROR_INSUFFICIENT_ENTROPY;
}

#if defined(MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG)
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context, uint8_t *output,
                                             size_t output_size, size_t *output_length) {
    (void)context;
    *output_length = output_size;
    return cr_random_for_tls(NULL, output, output_size);
}
#endif

// Nothing of what is linked makes text of anything.
int cr_tls_snprintf(char *out, size_t room, const char *format, ...) {
    (void)format;
    if (room > 0) {
        *out = 0;
    }
    return 0;
}
