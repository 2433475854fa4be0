// Any shape, any datagram: whatever is found lies inside, what is refused is untouched, and what one end wraps the other finds.
#include "fuzz_input.h"
#include "wg_shape.h"

static void read_settings(fuzz_input_t *input, wg_shape_settings_t *settings) {
    for (int i = 0; i < 4; i++) {
        settings->sizes[i] = fuzz_u16(input) & 0x7ff;
        settings->low[i] = (uint32_t)fuzz_u16(input) << 16 | fuzz_u8(input);
        settings->high[i] = settings->low[i] + fuzz_u16(input);
    }
}

static void open_anything(wg_shape_t *shape, fuzz_input_t *input) {
    static uint8_t given[2048];
    size_t want = fuzz_u16(input) % sizeof given, len = fuzz_bytes(input, given, want);
    uint8_t *datagram = malloc(len > 0 ? len : 1);
    memcpy(datagram, given, len);
    wg_shaped_t found;
    wg_status_t status = wg_shape_open(shape, datagram, len, &found);
    if (status == WG_OK) {
        FUZZ_CLAIM(found.kind >= 1 && found.kind <= 4 && found.shape <= 1);
        FUZZ_CLAIM(found.offset == (found.shape ? wg_shape_room(shape, found.kind) : 0));
        size_t left = len - found.offset;
        FUZZ_CLAIM(found.offset < len && left >= WG_TRANSPORT_OVERHEAD);
        FUZZ_CLAIM(found.kind == WG_MESSAGE_TRANSPORT || wg_message_kind_of_len(left) == found.kind);
        FUZZ_CLAIM(found.kind < 3 || wg_load32_le(datagram + found.offset) == found.kind);
    } else {
        FUZZ_CLAIM(status == WG_ERR_SHORT || status == WG_ERR_TYPE);
        FUZZ_CLAIM(memcmp(datagram, given, len) == 0);
    }
    free(datagram);
}

static void wrap_and_open(wg_shape_t *shape, fuzz_input_t *input) {
    static const size_t lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN, WG_TRANSPORT_OVERHEAD};
    static uint8_t message[512];
    uint8_t kind = (uint8_t)(1 + (fuzz_u8(input) & 3));
    size_t len = lengths[kind] + (kind == WG_MESSAGE_TRANSPORT ? fuzz_u8(input) : 0);
    memset(message, 0, sizeof message);
    (void)fuzz_bytes(input, message, len);
    wg_store32_le(message, kind < 3 ? shape->settings.low[kind - 1] : kind);
    size_t room = wg_shape_room(shape, kind);
    uint8_t *datagram = malloc(room + len);
    memcpy(datagram + room, message, len);
    FUZZ_CLAIM(wg_shape_wrap(shape, kind, datagram + room, len) == datagram);
    wg_shaped_t found;
    FUZZ_CLAIM(wg_shape_open(shape, datagram, room + len, &found) == WG_OK);
    if (found.kind == kind && found.shape == 1) { // else it is as long as a message of another kind
        FUZZ_CLAIM(found.offset == room && memcmp(datagram + room, message, len) == 0);
    }
    free(datagram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    fuzz_input_t input = {data, len};
    uint8_t secrets[64] = {0};
    wg_shape_settings_t settings;
    wg_shape_t shape;
    uint8_t flags = fuzz_u8(&input);
    (void)fuzz_bytes(&input, secrets, sizeof secrets);
    read_settings(&input, &settings);
    if (!wg_shape_init(&shape, &settings, flags & 1 ? secrets : NULL, secrets + 32)) {
        return 0;
    }
    while (input.len > 0) {
        if (fuzz_u8(&input) & 1) {
            open_anything(&shape, &input);
        } else {
            wrap_and_open(&shape, &input);
        }
    }
    wg_shape_wipe(&shape);
    return 0;
}
