// What the window's client is told of names (RFC 1035): those of the portal have the addresses that the control plane found, all
// others the first of them, so that whatever page is opened leads to the portal. Nothing is remembered for longer than the moment.
#include "lwpath_frame.h"
#include "lwpath_sign_in.h"

enum {
    HEADER_LEN = 12,
    FLAGS = 2,
    QUESTIONS = 4,
    ANSWERS = 6,
    RESPONSE_OR_OPCODE = 0xf800,
    WANTS_RECURSION = 0x0100,
    ANSWERED = 0x8080, // a response, and we look further ourselves
    NAME_LEN_MAX = 255,
    LABEL_MAX = 63,
    TYPE_A = 1,
    CLASS_IN = 1,
    ANSWER_LEN = 16,
};

// Where the question's name ends; 0: it does not, or is compressed, which a question has no reason for.
static size_t end_of_name(const uint8_t *message, size_t len) {
    size_t at = HEADER_LEN;
    while (at < len && message[at] != 0) {
        if (message[at] > LABEL_MAX || at - HEADER_LEN > NAME_LEN_MAX) {
            return 0;
        }
        at += 1U + message[at];
    }
    return at < len && at - HEADER_LEN < NAME_LEN_MAX ? at + 1 : 0;
}

static uint8_t lower(uint8_t byte) {
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

// Whether labels are a name with dots.
static bool is_name(const uint8_t *labels, const char *name) {
    size_t at = 0;
    while (labels[at] != 0) {
        size_t label_len = labels[at++];
        for (size_t i = 0; i < label_len; i++, at++) {
            if (*name == 0 || lower(labels[at]) != lower((uint8_t)*name++)) {
                return false;
            }
        }
        if (labels[at] != 0 && *name++ != '.') {
            return false;
        }
    }
    return *name == 0;
}

static uint32_t address_of(const lwpath_sign_in_places_t *places, const uint8_t *labels) {
    for (size_t i = 0; i < places->count; i++) {
        if (places->names[i][0] != 0 && is_name(labels, places->names[i])) {
            return places->addresses[i];
        }
    }
    return places->addresses[0];
}

size_t lwpath_sign_in_answer(const lwpath_sign_in_places_t *places, const uint8_t *question, size_t len, uint8_t *out,
                             size_t room) {
    static const uint8_t same_name_a_in_at_once[10] = {0xc0, HEADER_LEN, 0, TYPE_A, 0, CLASS_IN, 0, 0, 0, 0};
    if (len < HEADER_LEN || (wg_load16_be(question + FLAGS) & RESPONSE_OR_OPCODE) != 0 ||
        wg_load16_be(question + QUESTIONS) != 1) {
        return 0;
    }
    size_t end = end_of_name(question, len);
    if (end == 0 || end + 4 > len || end + 4 + ANSWER_LEN > room) {
        return 0;
    }
    bool has_address =
        wg_load16_be(question + end) == TYPE_A && wg_load16_be(question + end + 2) == CLASS_IN && places->count > 0;
    memcpy(out, question, end + 4);
    wg_store16_be(out + FLAGS, (uint16_t)(ANSWERED | (wg_load16_be(question + FLAGS) & WANTS_RECURSION)));
    memset(out + ANSWERS, 0, HEADER_LEN - ANSWERS);
    if (!has_address) {
        return end + 4;
    }
    wg_store16_be(out + ANSWERS, 1);
    uint8_t *answer = out + end + 4;
    uint32_t address = address_of(places, question + HEADER_LEN);
    memcpy(answer, same_name_a_in_at_once, sizeof same_name_a_in_at_once);
    wg_store16_be(answer + sizeof same_name_a_in_at_once, sizeof address);
    memcpy(answer + sizeof same_name_a_in_at_once + 2, &address, sizeof address);
    return end + 4 + ANSWER_LEN;
}
