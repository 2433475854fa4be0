#define MBEDTLS_ALLOW_PRIVATE_ACCESS // out_left, below

#include "cr_client.h"

#include <string.h>

#include "cr_arena.h"
#include "cr_fragment.h"
#include "cr_random.h"
#include "cr_verify.h"
#include "mbedtls/ssl.h"
#include "mbedtls/ssl_ciphersuites.h"
#include "psa/crypto.h"
#include "wg_wipe.h"

struct cr_client {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    cr_verify_t verify;
    const cr_hooks_t *hooks;
    void *context;
    cr_end_t cut;    // what the connection itself has said
    size_t may_take; // bytes, in this call
    bool has_spoken;
};

// Records that mean nothing are passed over, and anybody on the way may send them without end: what one call takes has a limit, which
// no message comes near.
#define TAKE_MOST ((size_t)4 * MBEDTLS_SSL_IN_CONTENT_LEN)

// Connections there are; with the last one everything goes back to the arena.
static unsigned client_count;

// All have forward secrecy and are authenticated. ChaCha20 first: that is fast everywhere, and takes the same time for all secrets.
static const int ciphersuites[] = {
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};
// RSA as in PKCS #1 v1.5 first: with TLS 1.2 Mbed TLS can check no other, and in TLS 1.3 no server may choose it (RFC 8446, 4.2.3).
static const uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
    MBEDTLS_TLS1_3_SIG_NONE,
};
static const char *const protocols[] = {"http/1.1", NULL};

// --- the connection below ---

static int moved(cr_client_t *client, int count, int none) {
    if (count < 0) {
        client->cut = (cr_end_t)-count;
        return MBEDTLS_ERR_SSL_CONN_EOF;
    }
    return count == 0 ? none : count;
}

static int send_below(void *context, const unsigned char *data, size_t len) {
    cr_client_t *client = context;
    if (!client->has_spoken) {
        // The first record is of TLS 1.0, as everybody's is (RFC 8446, 5.1, and its appendix D.4).
        client->ssl.out_hdr[2 - (ptrdiff_t)len] = 1;
        client->has_spoken = true;
    }
    return moved(client, client->hooks->send(client->context, data, len), MBEDTLS_ERR_SSL_WANT_WRITE);
}

static int receive_below(void *context, unsigned char *data, size_t len) {
    cr_client_t *client = context;
    if (client->may_take == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    len = len < client->may_take ? len : client->may_take;
    const int count = moved(client, client->hooks->receive(client->context, data, len), MBEDTLS_ERR_SSL_WANT_READ);
    client->may_take -= count > 0 ? (size_t)count : 0;
    return count;
}

// --- opening and closing ---

// No authority is known but by its pin: Mbed TLS builds the chain of what was shown.
static int no_authorities(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **candidates) {
    (void)context;
    (void)child;
    *candidates = NULL;
    return 0;
}

static bool configure(cr_client_t *client, const char *name) {
    mbedtls_ssl_config *config = &client->config;
    if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
        return false;
    }
    mbedtls_ssl_conf_rng(config, cr_random_for_tls, NULL);
    mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_cb(config, no_authorities, NULL);
    mbedtls_ssl_conf_verify(config, cr_verify_certificate, &client->verify);
    mbedtls_ssl_conf_ciphersuites(config, ciphersuites);
    mbedtls_ssl_conf_groups(config, groups);
    mbedtls_ssl_conf_sig_algs(config, signatures);
#if MBEDTLS_SSL_IN_CONTENT_LEN < 16384
    // As long as what we send; messages of the handshake come in several records, and are put together in the longer buffer.
    if (mbedtls_ssl_conf_max_frag_len(config, MBEDTLS_SSL_MAX_FRAG_LEN_2048) != 0) {
        return false;
    }
#endif
    if (mbedtls_ssl_conf_alpn_protocols(config, (const char **)(uintptr_t)protocols) != 0 ||
        mbedtls_ssl_setup(&client->ssl, config) != 0 ||
        mbedtls_ssl_set_hostname(&client->ssl, *name != 0 ? name : NULL) != 0) {
        return false;
    }
    mbedtls_ssl_set_bio(&client->ssl, client, send_below, receive_below, NULL);
    return true;
}

static void close_client(void *secured, bool orderly) {
    cr_client_t *client = secured;
    if (orderly && mbedtls_ssl_is_handshake_over(&client->ssl)) {
        (void)mbedtls_ssl_close_notify(&client->ssl);
    }
    mbedtls_ssl_free(&client->ssl);
    mbedtls_ssl_config_free(&client->config);
    cr_arena_free(client); // which wipes it
    if (--client_count == 0) {
        mbedtls_psa_crypto_free();
    }
}

cr_client_t *cr_client_open(const cr_hooks_t *hooks, void *context, const char *name, size_t name_len,
                            const uint8_t *pins, size_t pin_count, uint64_t now_s) {
    char ended_name[CR_NAME_MAX + 1] = {0};
    memcpy(ended_name, name, name_len);
    cr_client_t *client = cr_arena_calloc(1, sizeof(*client));
    if (client == NULL) {
        return NULL;
    }
    client_count++;
    client->hooks = hooks;
    client->context = context;
    client->verify.has_name = name_len > 0;
    client->verify.pin_count = (uint8_t)pin_count;
    client->verify.now_s = now_s;
    memcpy(client->verify.pins, pins, pin_count * CR_PIN_LEN);
    mbedtls_ssl_init(&client->ssl);
    mbedtls_ssl_config_init(&client->config);
    if (psa_crypto_init() != PSA_SUCCESS || !configure(client, ended_name)) {
        close_client(client, false);
        return NULL;
    }
    return client;
}

// --- what a stream does with it ---

// Why Mbed TLS gave up, as an end.
static cr_end_t why(const cr_client_t *client, int error) {
    if (client->cut != CR_END_NONE) {
        return client->cut;
    }
    if (cr_arena_failed()) {
        return CR_END_MEMORY;
    }
    if (client->verify.why != CR_END_NONE) {
        return client->verify.why;
    }
    switch (error) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return CR_END_ALERT;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return CR_END_CLOSED;
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
        return CR_END_CERTIFICATE;
    default:
        return CR_END_TLS;
    }
}

static bool is_waiting(int result) {
    return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int step(void *secured) {
    cr_client_t *client = secured;
    client->may_take = TAKE_MOST;
    (void)cr_arena_failed();
#if MBEDTLS_SSL_IN_CONTENT_LEN < 16384
    cr_fragment_was_offered(&client->ssl);
#endif
    const int result = mbedtls_ssl_handshake_step(&client->ssl);
    if (result != 0) {
        return is_waiting(result) ? 0 : -(int)why(client, result);
    }
    return mbedtls_ssl_is_handshake_over(&client->ssl) ? 1 : 2;
}

static int read_client(void *secured, uint8_t *out, size_t len) {
    cr_client_t *client = secured;
    int result;
    client->may_take = TAKE_MOST;
    (void)cr_arena_failed();
    do {
        result = mbedtls_ssl_read(&client->ssl, out, len);
    } while (result == 0 && client->cut == CR_END_NONE); // a record of padding alone; after a few it gives up
    if (result > 0) {
        return result;
    }
    if (is_waiting(result)) {
        return 0;
    }
    // Without close_notify somebody else has ended it (RFC 8446, 6.1).
    if (client->cut == CR_END_CLOSED) {
        client->cut = CR_END_RESET;
    }
    return -(int)why(client, result);
}

static bool waits(const void *secured) {
    const cr_client_t *client = secured;
    return client->ssl.out_left > 0;
}

static bool holds(const void *secured) {
    const cr_client_t *client = secured;
    return mbedtls_ssl_check_pending(&client->ssl) != 0;
}

static int flush(void *secured) {
    cr_client_t *client = secured;
    if (!waits(client)) {
        return 0;
    }
    // With bytes left it writes those and nothing else.
    const int result = mbedtls_ssl_write(&client->ssl, (const uint8_t *)"", 0);
    return result >= 0 || is_waiting(result) ? 0 : -(int)why(client, result);
}

static int write_client(void *secured, const uint8_t *data, size_t len) {
    cr_client_t *client = secured;
    const int most = mbedtls_ssl_get_max_out_record_payload(&client->ssl);
    if (most > 0 && len > (size_t)most) {
        len = (size_t)most;
    }
    (void)cr_arena_failed();
    const int result = mbedtls_ssl_write(&client->ssl, data, len);
    if (is_waiting(result) && waits(client)) {
        return (int)len; // it lies encrypted in TLS's buffer
    }
    return result >= 0 ? result : is_waiting(result) ? 0 : -(int)why(client, result);
}

const cr_layer_t cr_client_layer = {
    .step = step,
    .read = read_client,
    .write = write_client,
    .flush = flush,
    .waits = waits,
    .holds = holds,
    .close = close_client,
};
