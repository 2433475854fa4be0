// What is compiled of Mbed TLS 3.6: a client of TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and what checks its
// server's certificates. MBEDTLS_CONFIG_FILE of every build but ESP-IDF's, which has its own (ports/esp32/sdkconfig.common).
//
//   CR_TLS_SMALL=1   boards: short records (RFC 6066, 4), small tables
#ifndef CR_MBEDTLS_H
#define CR_MBEDTLS_H

// --- the machine: no files, no clock, no sockets, no printf; memory is the arena's (cr_arena.h) ---
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_SNPRINTF_MACRO cr_tls_snprintf
#define MBEDTLS_PLATFORM_CALLOC_MACRO cr_arena_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO cr_arena_free
#define MBEDTLS_HAVE_ASM

// --- primitives ---
#define MBEDTLS_AES_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT // GCM encrypts only
#define MBEDTLS_MD_C

#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_HKDF_C
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_DP_SECP384R1_ENABLED
#define MBEDTLS_ECP_DP_CURVE25519_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PKCS1_V21
#define MBEDTLS_OID_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

// --- TLS 1.3 takes its hashes and keys by this interface, which takes our generator. Not what records are encrypted with: that would
// get its memory anew for each of them (MBEDTLS_USE_PSA_CRYPTO). ---
#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "cr_psa.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG

// --- certificates ---
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_REMOVE_INFO        // names of what is in them
#define MBEDTLS_X509_RSASSA_PSS_SUPPORT // what TLS 1.3 has a server with an RSA key sign with
#define MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK

// --- TLS ---
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_TLS1_3
#define MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED
#define MBEDTLS_SSL_TLS1_3_COMPATIBILITY_MODE
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_ALPN
#define MBEDTLS_SSL_KEEP_PEER_CERTIFICATE
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH

#if CR_TLS_SMALL
#define MBEDTLS_SSL_IN_CONTENT_LEN 4096
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_MPI_WINDOW_SIZE 1
#define MBEDTLS_MPI_MAX_SIZE 512
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8
#else
#define MBEDTLS_AESNI_C
#define MBEDTLS_HAVE_SSE2
#endif

#include <stddef.h>

void *cr_arena_calloc(size_t count, size_t size);
void cr_arena_free(void *memory);
int cr_tls_snprintf(char *out, size_t room, const char *format, ...);

#endif
