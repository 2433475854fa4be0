// Handshake messages from strangers at the gate: what passes has a right mac1, and under load also what it needs.

#include "fuzz_input.h"
#include "wg_blake2s.h"
#include "wg_bytes.h"
#include "wg_gate.h"

static const uint8_t identity[32] = {9, 8, 7};

static size_t mac1_offset(size_t len) {
    return len == WG_INITIATION_LEN ? WG_INITIATION_MAC1 : WG_RESPONSE_MAC1;
}

static void mac1(uint8_t out[16], const uint8_t *message, size_t len) {
    uint8_t key[32], text[40];
    memcpy(text, "mac1----", 8);
    memcpy(text + 8, identity, 32);
    wg_blake2s(key, 32, text, sizeof text, NULL, 0);
    wg_blake2s(out, 16, message, mac1_offset(len), key, 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    static wg_gate_t gate;
    uint64_t now_ms = 1000;
    uint8_t secret[64] = {1, 2, 3};
    wg_gate_init(&gate);
    wg_gate_set_identity(&gate, identity);
    while (input.len > 0) {
        uint8_t op = fuzz_u8(&input);
        now_ms += fuzz_u16(&input) >> (op & 15);
        if ((op & 0x30) == 0x30 && wg_gate_wants_secret(&gate, now_ms)) {
            secret[0]++;
            wg_gate_set_secret(&gate, secret, now_ms);
        }
        if (op & 0x40) {
            wg_gate_set_loaded(&gate, now_ms);
        }
        uint8_t message[256] = {0}, reply[WG_COOKIE_LEN] = {0}, right[16];
        wg_endpoint_t source = {.family = op & 0x10 ? 6 : 4, .port = op, .address = {10, op & 3}};
        size_t message_len = fuzz_bytes(&input, message, sizeof message);
        if (op & 0x80) { // a well-formed message with a right mac1
            message_len = op & 1 ? WG_INITIATION_LEN : WG_RESPONSE_LEN;
            message[0] = op & 1 ? WG_MESSAGE_INITIATION : WG_MESSAGE_RESPONSE;
            memset(message + 1, 0, 3);
            mac1(message + mac1_offset(message_len), message, message_len);
        }
        uint8_t *exact = malloc(message_len > 0 ? message_len : 1);
        memcpy(exact, message, message_len);
        uint8_t kind = 0;
        wg_status_t status = wg_message_classify(exact, message_len, &kind);
        if (status == WG_OK) {
            status = wg_gate_check(&gate, kind, exact, message_len, &source, now_ms, reply);
        }
        free(exact);
        if (status == WG_OK && message[0] != WG_MESSAGE_COOKIE) {
            FUZZ_CLAIM(message_len == WG_INITIATION_LEN || message_len == WG_RESPONSE_LEN);
            mac1(right, message, message_len);
            FUZZ_CLAIM(memcmp(right, message + mac1_offset(message_len), 16) == 0);
            FUZZ_CLAIM(!wg_gate_is_loaded(&gate, now_ms) || (op & 0x80) == 0);
        }
        if (status == WG_ERR_COOKIE && reply[0] != 0) {
            FUZZ_CLAIM(wg_gate_is_loaded(&gate, now_ms));
            FUZZ_CLAIM(wg_load32_le(reply) == WG_MESSAGE_COOKIE);
        }
    }
    return 0;
}
