#include "check.h"
#include "wg_message.h"

static wg_status_t classify(uint32_t type, size_t len, uint8_t *kind) {
    uint8_t *message = malloc(len > 0 ? len : 1); // ASan watches its end
    uint8_t bytes[4];
    wg_store32_le(bytes, type);
    memcpy(message, bytes, len < 4 ? len : 4);
    wg_status_t status = wg_message_classify(message, len, kind);
    free(message);
    return status;
}

TEST(a_plain_message_has_its_kind_as_its_type_and_the_length_of_that_kind) {
    static const size_t lengths[] = {0, 148, 92, 64};
    for (size_t len = 0; len < 200; len++) {
        for (uint32_t type = 0; type < 8; type++) {
            uint8_t kind = 0;
            wg_status_t status = classify(type, len, &kind), wanted = WG_OK;
            if (len < 4 || (type == 4 && len < 32) || (type >= 1 && type <= 3 && len != lengths[type])) {
                wanted = WG_ERR_SHORT;
            } else if (type == 0 || type > 4) {
                wanted = WG_ERR_TYPE;
            }
            CHECK_EQ(status, wanted);
            CHECK_EQ(kind, wanted == WG_OK ? type : 0);
        }
    }
}

TEST(reserved_bytes_must_be_zero) {
    uint8_t kind = 0;
    for (uint32_t type = 1; type <= 4; type++) {
        for (unsigned bit = 8; bit < 32; bit++) {
            CHECK_EQ(classify(type | UINT32_C(1) << bit, type == 1 ? 148 : 92, &kind), WG_ERR_TYPE);
        }
    }
    CHECK_EQ(kind, 0);
}
