#include "cr_verify.h"

#include <string.h>

#include "wg_sha256.h"
#include "wg_wipe.h"

static bool is_pinned(const cr_verify_t *verify, const mbedtls_x509_crt *certificate) {
    uint8_t hash[WG_SHA256_LEN];
    wg_sha256(hash, certificate->pk_raw.p, certificate->pk_raw.len);
    bool found = false;
    for (unsigned i = 0; i < verify->pin_count; i++) {
        found = wg_equal(hash, verify->pins[i], sizeof(hash)) || found;
    }
    return found;
}

// Seconds since 1970, by the calendar of days_from_civil (Howard Hinnant, public domain): March is the first month of its years.
static uint64_t seconds(const mbedtls_x509_time *time) {
    if (time->year < 1970) {
        return 0;
    }
    const uint64_t year = (uint64_t)(time->mon <= 2 ? time->year - 1 : time->year);
    const uint64_t month = (uint64_t)(time->mon <= 2 ? time->mon + 9 : time->mon - 3);
    const uint64_t days =
        year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + (uint64_t)time->day - 1 - 719468;
    return ((days * 24 + (uint64_t)time->hour) * 60 + (uint64_t)time->min) * 60 + (uint64_t)time->sec;
}

static bool is_in_time(const cr_verify_t *verify, const mbedtls_x509_crt *certificate) {
    return verify->now_s == 0 ||
           (seconds(&certificate->valid_from) <= verify->now_s && verify->now_s <= seconds(&certificate->valid_to));
}

static void note(cr_verify_t *verify, cr_end_t why) {
    if (verify->why == CR_END_NONE) {
        verify->why = why;
    }
}

// Of a certificate that is below a pinned one.
static void look_at(cr_verify_t *verify, const mbedtls_x509_crt *certificate, uint32_t flags, bool is_server) {
    const uint32_t times = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
    flags &= ~times; // a firmware with a clock in Mbed TLS (ESP-IDF's) has asked one that may be wrong
    if ((flags & ~(uint32_t)MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
        note(verify, CR_END_CERTIFICATE);
    } else if (flags != 0 || (is_server && !verify->has_name)) {
        note(verify, CR_END_NAME); // without a name: an issuer's others are not the gateway
    }
    if (!is_in_time(verify, certificate)) {
        note(verify, CR_END_EXPIRED);
    }
}

int cr_verify_certificate(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
    cr_verify_t *verify = context;
    const bool is_server = depth == 0;
    if (is_pinned(verify, certificate)) {
        // Nothing above it counts, and of itself nothing but the key; of what is below, everything.
        verify->why = CR_END_NONE;
        verify->below_pin = true;
    } else if (verify->below_pin) {
        look_at(verify, certificate, *flags, is_server);
    } else if (is_server) {
        note(verify, CR_END_PIN);
    }
    // The last word is the server's: only its flags count.
    *flags = is_server && verify->why != CR_END_NONE ? MBEDTLS_X509_BADCERT_NOT_TRUSTED : 0;
    return 0;
}
