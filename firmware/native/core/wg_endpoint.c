#include "wg_endpoint.h"

#include <string.h>

#include "wg_bytes.h"

enum { PORT = 1, SCOPE = 3, ADDRESS = 7 };

#define SHAPE_SHIFT 4
#define FAMILY_MASK 0x0f
#define SHAPE_MAX 1

static bool is_family(uint8_t family) {
    return family == 4 || family == 6 || family == WG_FAMILY_STREAM;
}

static size_t address_len(uint8_t family) {
    if (family == WG_FAMILY_STREAM) {
        return 0;
    }
    return family == 4 ? 4 : 16;
}

size_t wg_endpoint_store(uint8_t out[WG_ENDPOINT_MAX_LEN], const wg_endpoint_t *endpoint) {
    if (!is_family(endpoint->family)) {
        return 0;
    }
    size_t len = address_len(endpoint->family);
    out[0] = (uint8_t)(endpoint->family | endpoint->shape << SHAPE_SHIFT);
    wg_store16_be(out + PORT, endpoint->port);
    wg_store32_be(out + SCOPE, endpoint->scope);
    memcpy(out + ADDRESS, endpoint->address, len);
    return ADDRESS + len;
}

bool wg_endpoint_load(wg_endpoint_t *endpoint, const uint8_t *data, size_t len) {
    if (len == 0) {
        return false;
    }
    uint8_t family = data[0] & FAMILY_MASK, shape = data[0] >> SHAPE_SHIFT;
    if (!is_family(family) || shape > SHAPE_MAX || len != ADDRESS + address_len(family)) {
        return false;
    }
    uint32_t scope = wg_load32_be(data + SCOPE);
    if (family != 6 && scope != 0) {
        return false;
    }
    memset(endpoint, 0, sizeof(*endpoint));
    endpoint->family = family;
    endpoint->shape = shape;
    endpoint->port = wg_load16_be(data + PORT);
    endpoint->scope = scope;
    memcpy(endpoint->address, data + ADDRESS, address_len(family));
    return true;
}

bool wg_endpoint_equal(const wg_endpoint_t *a, const wg_endpoint_t *b) {
    if (a->family != b->family) {
        return false;
    }
    if (a->family == 0) {
        return true;
    }
    return a->port == b->port && a->shape == b->shape && a->scope == b->scope &&
           memcmp(a->address, b->address, address_len(a->family)) == 0;
}
