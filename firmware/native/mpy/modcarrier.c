// _carrier: what carriers are called in C (../carrier), and the cryptography that the web and QUIC want and WireGuard has not.
/// """Names of ../carrier, and cryptography that web and QUIC want and WireGuard has not. What runs is in the data path's module.
///
/// None of it holds a secret that lasts: what a QUIC Initial is sealed with, everybody can derive.
/// """
///
/// from _typeshed import ReadableBuffer, WriteableBuffer
///

#include <string.h>

#include "cr_frame.h"
#include "cr_sha1.h"
#include "mbedtls/aes.h"
#include "py/runtime.h"
#include "wg_bytes.h"
#include "wg_sha256.h"

#define AES_LEN 16
#define GCM_NONCE_LEN 12
#define GCM_TAG_LEN 16

static mp_buffer_info_t get_bytes(mp_obj_t value, size_t len, mp_rom_error_text_t message) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(value, &buffer, MP_BUFFER_READ);
    if (buffer.len != len && len != 0) {
        mp_raise_ValueError(message);
    }
    return buffer;
}

/// def sha1(data: ReadableBuffer) -> bytes:
///     """20 bytes (FIPS 180-4): for WebSocket's accept value, which is a checksum."""
static mp_obj_t carrier_sha1(mp_obj_t data_in) {
    const mp_buffer_info_t data = get_bytes(data_in, 0, NULL);
    uint8_t digest[CR_SHA1_LEN];
    cr_sha1(digest, data.buf, data.len);
    return mp_obj_new_bytes(digest, sizeof(digest));
}
static MP_DEFINE_CONST_FUN_OBJ_1(carrier_sha1_obj, carrier_sha1);

/// def hmac_sha256(key: ReadableBuffer, data: ReadableBuffer) -> bytes:
///     """32 bytes (RFC 2104)."""
static mp_obj_t carrier_hmac_sha256(mp_obj_t key_in, mp_obj_t data_in) {
    const mp_buffer_info_t key = get_bytes(key_in, 0, NULL), data = get_bytes(data_in, 0, NULL);
    uint8_t digest[WG_SHA256_LEN];
    wg_hmac_sha256(digest, key.buf, key.len, data.buf, data.len);
    return mp_obj_new_bytes(digest, sizeof(digest));
}
static MP_DEFINE_CONST_FUN_OBJ_2(carrier_hmac_sha256_obj, carrier_hmac_sha256);

// AES takes no memory, and with a key of 16 bytes it does not fail.
static void check(int error) {
    if (error != 0) {
        mp_raise_type(&mp_type_MemoryError);
    }
}

/// def aes128_block(key: ReadableBuffer, block: ReadableBuffer) -> bytes:
///     """One block of 16 bytes, encrypted (FIPS 197). ValueError: key or block is not 16 bytes."""
static mp_obj_t carrier_aes128_block(mp_obj_t key_in, mp_obj_t block_in) {
    const mp_buffer_info_t key = get_bytes(key_in, AES_LEN, MP_ERROR_TEXT("key: not 16 bytes"));
    const mp_buffer_info_t block = get_bytes(block_in, AES_LEN, MP_ERROR_TEXT("block: not 16 bytes"));
    uint8_t out[AES_LEN];
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    int error = mbedtls_aes_setkey_enc(&aes, key.buf, 8 * AES_LEN);
    error = error != 0 ? error : mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, block.buf, out);
    mbedtls_aes_free(&aes);
    check(error);
    return mp_obj_new_bytes(out, sizeof(out));
}
static MP_DEFINE_CONST_FUN_OBJ_2(carrier_aes128_block_obj, carrier_aes128_block);

// GCM on AES alone (NIST SP 800-38D), because Mbed TLS's takes its context from the memory of TLS, which may be in use. Bit by bit:
// it is for one packet in seconds, of which nothing is secret.
typedef struct {
    uint64_t high, low; // big endian, the first byte of the block in the highest bits of high
} gcm_block_t;

static uint64_t load64_be(const uint8_t *bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void store64_be(uint8_t *bytes, uint64_t value) {
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

// Take len bytes, padded with zeros, into the hash (6.4).
static void ghash(gcm_block_t *sum, gcm_block_t key, const uint8_t *data, size_t len) {
    for (size_t start = 0; start < len; start += AES_LEN) {
        uint8_t block[AES_LEN] = {0};
        memcpy(block, data + start, len - start < AES_LEN ? len - start : AES_LEN);
        const gcm_block_t x = {sum->high ^ load64_be(block), sum->low ^ load64_be(block + 8)};
        gcm_block_t z = {0, 0}, v = key;
        for (size_t i = 0; i < 128; i++) {
            const uint64_t bit = i < 64 ? x.high >> (63 - i) : x.low >> (127 - i);
            if ((bit & 1) != 0) {
                z.high ^= v.high;
                z.low ^= v.low;
            }
            const uint64_t carry = v.low & 1;
            v.low = v.low >> 1 | v.high << 63;
            v.high = v.high >> 1 ^ (carry != 0 ? UINT64_C(0xe1) << 56 : 0);
        }
        *sum = z;
    }
}

// Seal len bytes in place; the tag comes behind them.
static int gcm_seal(mbedtls_aes_context *aes, const uint8_t nonce[GCM_NONCE_LEN], const mp_buffer_info_t *aad,
                    uint8_t *data, size_t len) {
    uint8_t counter[AES_LEN] = {0}, stream[AES_LEN];
    int error = mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_ENCRYPT, counter, stream);
    const gcm_block_t key = {load64_be(stream), load64_be(stream + 8)};
    memcpy(counter, nonce, GCM_NONCE_LEN);
    for (size_t start = 0; start < len && error == 0; start += AES_LEN) {
        wg_store32_be(counter + GCM_NONCE_LEN, (uint32_t)(start / AES_LEN + 2));
        error = mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_ENCRYPT, counter, stream);
        for (size_t i = start; i < len && i < start + AES_LEN; i++) {
            data[i] ^= stream[i - start];
        }
    }
    gcm_block_t sum = {0, 0};
    uint8_t lengths[AES_LEN], *tag = data + len;
    ghash(&sum, key, aad->buf, aad->len);
    ghash(&sum, key, data, len);
    store64_be(lengths, (uint64_t)aad->len * 8);
    store64_be(lengths + 8, (uint64_t)len * 8);
    ghash(&sum, key, lengths, sizeof(lengths));
    wg_store32_be(counter + GCM_NONCE_LEN, 1);
    error = error != 0 ? error : mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_ENCRYPT, counter, stream);
    store64_be(tag, sum.high ^ load64_be(stream));
    store64_be(tag + 8, sum.low ^ load64_be(stream + 8));
    return error;
}

/// def aes128_gcm_seal(key: ReadableBuffer, nonce: ReadableBuffer, aad: ReadableBuffer, buffer: WriteableBuffer) -> None:
///     """Encrypt buffer in place, but for its last 16 bytes, which become the tag (NIST SP 800-38D).
///
///     key: 16 bytes. nonce: 12 bytes. ValueError: they are not, or buffer has no room for the tag.
///     """
static mp_obj_t carrier_aes128_gcm_seal(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    const mp_buffer_info_t key = get_bytes(args[0], AES_LEN, MP_ERROR_TEXT("key: not 16 bytes"));
    const mp_buffer_info_t nonce = get_bytes(args[1], GCM_NONCE_LEN, MP_ERROR_TEXT("nonce: not 12 bytes"));
    const mp_buffer_info_t aad = get_bytes(args[2], 0, NULL);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[3], &buffer, MP_BUFFER_WRITE);
    if (buffer.len < GCM_TAG_LEN) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer: below 16 bytes"));
    }
    const size_t len = buffer.len - GCM_TAG_LEN;
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    int error = mbedtls_aes_setkey_enc(&aes, key.buf, 8 * AES_LEN);
    error = error != 0 ? error : gcm_seal(&aes, nonce.buf, &aad, buffer.buf, len);
    mbedtls_aes_free(&aes);
    check(error);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(carrier_aes128_gcm_seal_obj, 4, 4, carrier_aes128_gcm_seal);

/// # Where a stream stands: stream_state() of the data path.
/// STREAM_CONNECTING: int
/// STREAM_OPEN: int  # bytes may be read and written
/// STREAM_SECURING: int  # the TLS handshake runs
/// STREAM_CARRYING: int  # datagrams in frames
/// STREAM_ENDED: int
/// # How datagrams are framed: stream_carry().
/// FRAMING_LENGTH: int
/// FRAMING_WEBSOCKET_CLIENT: int
/// FRAMING_WEBSOCKET_SERVER: int
/// # Why a stream ended: stream_end(); 0: it has not.
/// END_HERE: int  # we closed it
/// END_REFUSED: int  # nobody listens there
/// END_UNREACHABLE: int  # no way there
/// END_TIMEOUT: int  # no answer from the other end's TCP
/// END_RESET: int  # cut off
/// END_CLOSED: int  # the other end closed in order
/// END_ALERT: int  # the other end refused the TLS handshake
/// END_TLS: int  # what came is no TLS, or not authentic
/// END_CERTIFICATE: int  # the chain up to the pinned key is broken
/// END_NAME: int  # the certificate is for another name
/// END_EXPIRED: int  # it is not valid at this time
/// END_PIN: int  # no certificate has a pinned key
/// END_PROTOCOL: int  # not what the framing allows
/// END_MEMORY: int  # no memory left for TLS
static const mp_rom_map_elem_t carrier_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__carrier)},
    {MP_ROM_QSTR(MP_QSTR_sha1), MP_ROM_PTR(&carrier_sha1_obj)},
    {MP_ROM_QSTR(MP_QSTR_hmac_sha256), MP_ROM_PTR(&carrier_hmac_sha256_obj)},
    {MP_ROM_QSTR(MP_QSTR_aes128_block), MP_ROM_PTR(&carrier_aes128_block_obj)},
    {MP_ROM_QSTR(MP_QSTR_aes128_gcm_seal), MP_ROM_PTR(&carrier_aes128_gcm_seal_obj)},
    {MP_ROM_QSTR(MP_QSTR_STREAM_CONNECTING), MP_ROM_INT(CR_STREAM_CONNECTING)},
    {MP_ROM_QSTR(MP_QSTR_STREAM_OPEN), MP_ROM_INT(CR_STREAM_OPEN)},
    {MP_ROM_QSTR(MP_QSTR_STREAM_SECURING), MP_ROM_INT(CR_STREAM_SECURING)},
    {MP_ROM_QSTR(MP_QSTR_STREAM_CARRYING), MP_ROM_INT(CR_STREAM_CARRYING)},
    {MP_ROM_QSTR(MP_QSTR_STREAM_ENDED), MP_ROM_INT(CR_STREAM_ENDED)},
    {MP_ROM_QSTR(MP_QSTR_FRAMING_LENGTH), MP_ROM_INT(CR_FRAMING_LENGTH)},
    {MP_ROM_QSTR(MP_QSTR_FRAMING_WEBSOCKET_CLIENT), MP_ROM_INT(CR_FRAMING_WEBSOCKET_CLIENT)},
    {MP_ROM_QSTR(MP_QSTR_FRAMING_WEBSOCKET_SERVER), MP_ROM_INT(CR_FRAMING_WEBSOCKET_SERVER)},
    {MP_ROM_QSTR(MP_QSTR_END_HERE), MP_ROM_INT(CR_END_HERE)},
    {MP_ROM_QSTR(MP_QSTR_END_REFUSED), MP_ROM_INT(CR_END_REFUSED)},
    {MP_ROM_QSTR(MP_QSTR_END_UNREACHABLE), MP_ROM_INT(CR_END_UNREACHABLE)},
    {MP_ROM_QSTR(MP_QSTR_END_TIMEOUT), MP_ROM_INT(CR_END_TIMEOUT)},
    {MP_ROM_QSTR(MP_QSTR_END_RESET), MP_ROM_INT(CR_END_RESET)},
    {MP_ROM_QSTR(MP_QSTR_END_CLOSED), MP_ROM_INT(CR_END_CLOSED)},
    {MP_ROM_QSTR(MP_QSTR_END_ALERT), MP_ROM_INT(CR_END_ALERT)},
    {MP_ROM_QSTR(MP_QSTR_END_TLS), MP_ROM_INT(CR_END_TLS)},
    {MP_ROM_QSTR(MP_QSTR_END_CERTIFICATE), MP_ROM_INT(CR_END_CERTIFICATE)},
    {MP_ROM_QSTR(MP_QSTR_END_NAME), MP_ROM_INT(CR_END_NAME)},
    {MP_ROM_QSTR(MP_QSTR_END_EXPIRED), MP_ROM_INT(CR_END_EXPIRED)},
    {MP_ROM_QSTR(MP_QSTR_END_PIN), MP_ROM_INT(CR_END_PIN)},
    {MP_ROM_QSTR(MP_QSTR_END_PROTOCOL), MP_ROM_INT(CR_END_PROTOCOL)},
    {MP_ROM_QSTR(MP_QSTR_END_MEMORY), MP_ROM_INT(CR_END_MEMORY)},
};
static MP_DEFINE_CONST_DICT(carrier_globals, carrier_globals_table);

const mp_obj_module_t carrier_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&carrier_globals,
};

MP_REGISTER_MODULE(MP_QSTR__carrier, carrier_module);
