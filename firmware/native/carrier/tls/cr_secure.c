// Where a stream and TLS meet.
#include <string.h>

#include "cr_client.h"
#include "cr_stream.h"

static bool is_host_name(const char *name, size_t len) {
    if (len > CR_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] > '~') {
            return false;
        }
    }
    return true;
}

cr_end_t cr_stream_secure(cr_stream_t *stream, const char *name, size_t name_len, const uint8_t *pins, size_t pin_count,
                          uint64_t now_s) {
    if (stream->state != CR_STREAM_OPEN || stream->layer != NULL) {
        return stream->end;
    }
    if (pin_count == 0 || pin_count > CR_PINS_MAX) {
        cr_stream_fail(stream, CR_END_PIN);
    } else if (!is_host_name(name, name_len)) {
        cr_stream_fail(stream, CR_END_NAME);
    } else {
        cr_client_t *client = cr_client_open(stream->hooks, stream->context, name, name_len, pins, pin_count, now_s);
        if (client == NULL) {
            cr_stream_fail(stream, CR_END_MEMORY);
        } else {
            stream->layer = &cr_client_layer;
            stream->secured = client;
            stream->state = CR_STREAM_SECURING;
        }
    }
    return stream->end;
}
