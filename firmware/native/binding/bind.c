#include "bind.h"

#include <string.h>

// --- the call ---

void bind_begin(bind_call_t *call, const bind_function_t *function, const bind_class_t *class, void *self) {
    memset(call, 0, sizeof(*call));
    call->function = function;
    call->class = class;
    call->self = self;
}

// The n-th name in a list of parameters; its length without the question mark, 0 at the end of the list.
static size_t parameter(const char *parameters, size_t n, const char **name) {
    while (n-- > 0 && *parameters != '\0') {
        parameters += strcspn(parameters, " ");
        parameters += *parameters == ' ';
    }
    *name = parameters;
    return strcspn(parameters, " ?");
}

bool bind_give(bind_call_t *call, size_t position, bind_value_t value) {
    const char *name;
    if (position >= BIND_MAX_ARGUMENTS || parameter(call->function->parameters, position, &name) == 0) {
        return bind_fail_call(call, BIND_TYPE_ERROR, "too many arguments");
    }
    call->arguments[position] = value;
    return true;
}

bool bind_give_named(bind_call_t *call, const char *name, size_t len, bind_value_t value) {
    const char *known;
    size_t known_len;
    for (size_t i = 0; (known_len = parameter(call->function->parameters, i, &known)) != 0; i++) {
        if (known_len == len && memcmp(known, name, len) == 0) {
            if (call->arguments[i] != NULL) {
                return bind_fail(call, BIND_TYPE_ERROR, i, "given twice");
            }
            call->arguments[i] = value;
            return true;
        }
    }
    return bind_fail_call(call, BIND_TYPE_ERROR, "no parameter has that name");
}

static bool is_complete(bind_call_t *call) {
    const char *name;
    size_t len;
    for (size_t i = 0; (len = parameter(call->function->parameters, i, &name)) != 0; i++) {
        if (name[len] != '?' && call->arguments[i] == NULL) {
            return bind_fail(call, BIND_TYPE_ERROR, i, "missing");
        }
    }
    return true;
}

static bool is_named(const bind_function_t *function, const char *name) {
    return strcmp(function->name, name) == 0;
}

bool bind_run(bind_call_t *call) {
    if (!is_complete(call)) {
        return false;
    }
    if (call->class != NULL && !((bind_state_t *)call->self)->live && !is_named(call->function, "wipe") &&
        !is_named(call->function, "new")) {
        return bind_fail_call(call, BIND_VALUE_ERROR, "the object was wiped");
    }
    return call->function->run(call);
}

// --- faults ---

static void append(bind_call_t *call, const char *text, size_t len) {
    size_t used = strlen(call->message);
    size_t room = BIND_MESSAGE_LEN - 1 - used;
    memcpy(call->message + used, text, len < room ? len : room);
}

static void append_text(bind_call_t *call, const char *text) {
    append(call, text, strlen(text));
}

static void append_number(bind_call_t *call, uint64_t number) {
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    append(call, digits + at, sizeof(digits) - at);
}

// Begin the message with the name of the argument.
static void begin_message(bind_call_t *call, bind_fault_t fault, size_t at) {
    const char *name;
    size_t len = parameter(call->function->parameters, at, &name);
    call->fault = fault;
    memset(call->message, 0, sizeof(call->message));
    append(call, name, len);
    append_text(call, ": ");
}

void bind_note(bind_call_t *call, bind_fault_t fault, size_t at, const char *why) {
    begin_message(call, fault, at);
    append_text(call, why);
}

void bind_note_number(bind_call_t *call, bind_fault_t fault, size_t at, uint64_t number, const char *why) {
    begin_message(call, fault, at);
    append_number(call, number);
    append_text(call, why);
}

void bind_note_call(bind_call_t *call, bind_fault_t fault, const char *why) {
    call->fault = fault;
    memset(call->message, 0, sizeof(call->message));
    if (call->class != NULL) {
        append_text(call, call->class->name);
        append_text(call, is_named(call->function, "new") ? "" : ".");
    }
    append_text(call, is_named(call->function, "new") ? "" : call->function->name);
    append_text(call, ": ");
    append_text(call, why);
}

static bool check_len(bind_call_t *call, size_t at, size_t wanted, size_t len) {
    if (wanted == BIND_ANY_LEN || len == wanted) {
        return true;
    }
    begin_message(call, BIND_VALUE_ERROR, at);
    append_number(call, wanted);
    append_text(call, " bytes wanted, ");
    append_number(call, len);
    append_text(call, " given");
    return false;
}

// --- arguments ---

bool bind_has(const bind_call_t *call, size_t at) {
    return call->arguments[at] != NULL && !bind_port_is_none(call->arguments[at]);
}

bool bind_bytes(bind_call_t *call, size_t at, size_t len, bind_buffer_t *bytes) {
    if (!bind_port_buffer(call, call->arguments[at], false, bytes)) {
        return bind_fail(call, BIND_TYPE_ERROR, at, "a bytes-like object is wanted");
    }
    return check_len(call, at, len, bytes->len);
}

static bool take_output(bind_call_t *call, size_t at, bind_value_t value, size_t len, bind_buffer_t *out) {
    if (!bind_port_buffer(call, value, true, out)) {
        return bind_fail(call, BIND_TYPE_ERROR, at, "a writable buffer is wanted");
    }
    return check_len(call, at, len, out->len);
}

bool bind_output(bind_call_t *call, size_t at, size_t len, bind_buffer_t *out) {
    return take_output(call, at, call->arguments[at], len, out);
}

bool bind_secret(bind_call_t *call, size_t at, size_t len, bind_buffer_t *bytes, bool *writable) {
    *writable = bind_port_buffer(call, call->arguments[at], true, bytes);
    return *writable ? check_len(call, at, len, bytes->len) : bind_bytes(call, at, len, bytes);
}

bool bind_outputs(bind_call_t *call, size_t at, size_t len, size_t max, bind_buffer_t *outs, size_t *count) {
    bind_value_t items[BIND_MAX_ARGUMENTS];
    if (!bind_port_items(call->arguments[at], max, items, count)) {
        return bind_fail(call, BIND_TYPE_ERROR, at, "a tuple of one to three buffers is wanted");
    }
    if (*count == 0) {
        return bind_fail(call, BIND_VALUE_ERROR, at, "empty");
    }
    for (size_t i = 0; i < *count; i++) {
        if (!take_output(call, at, items[i], len, &outs[i])) {
            return false;
        }
    }
    return true;
}

static bool take_number(bind_call_t *call, size_t at, bind_value_t value, uint64_t max, uint64_t *number) {
    switch (bind_port_number(value, number)) {
    case BIND_FINE:
        break;
    case BIND_TYPE_ERROR:
        return bind_fail(call, BIND_TYPE_ERROR, at, "an int is wanted");
    default:
        return bind_fail(call, BIND_OVERFLOW_ERROR, at, "negative, or more than 64 bits");
    }
    if (*number > max) {
        begin_message(call, BIND_OVERFLOW_ERROR, at);
        append_number(call, *number);
        append_text(call, " is more than ");
        append_number(call, max);
        return false;
    }
    return true;
}

bool bind_number(bind_call_t *call, size_t at, uint64_t max, uint64_t *number) {
    return take_number(call, at, call->arguments[at], max, number);
}

bool bind_numbers(bind_call_t *call, size_t at, uint64_t max, uint64_t *numbers, size_t count) {
    bind_value_t items[BIND_MAX_ARGUMENTS];
    size_t given = 0;
    if (!bind_port_items(call->arguments[at], BIND_MAX_ARGUMENTS, items, &given)) {
        return bind_fail_number(call, BIND_TYPE_ERROR, at, count, " numbers are wanted, in a tuple");
    }
    if (given != count) {
        return bind_fail_number(call, BIND_VALUE_ERROR, at, given, " numbers given, not as many as wanted");
    }
    for (size_t i = 0; i < count; i++) {
        if (!take_number(call, at, items[i], max, &numbers[i])) {
            return false;
        }
    }
    return true;
}

bool bind_now(bind_call_t *call, size_t at, uint64_t *now_ms) {
    if (!bind_number(call, at, BIND_LAST_MS, now_ms)) {
        return false;
    }
    return *now_ms != 0 || bind_fail(call, BIND_VALUE_ERROR, at, "0 stands for never");
}

bool bind_bool(bind_call_t *call, size_t at, bool *answer) {
    return bind_port_bool(call->arguments[at], answer) || bind_fail(call, BIND_TYPE_ERROR, at, "a bool is wanted");
}

bool bind_object(bind_call_t *call, size_t at, const bind_class_t *class, void **state) {
    *state = bind_port_state(call->arguments[at], class);
    if (*state == NULL) {
        begin_message(call, BIND_TYPE_ERROR, at);
        append_text(call, "a _wg.");
        append_text(call, class->name);
        append_text(call, " is wanted");
        return false;
    }
    return ((bind_state_t *)*state)->live || bind_fail(call, BIND_VALUE_ERROR, at, "it was wiped");
}

bool bind_address(bind_call_t *call, size_t at, const uint8_t **address, unsigned *family) {
    bind_buffer_t bytes;
    if (!bind_bytes(call, at, BIND_ANY_LEN, &bytes)) {
        return false;
    }
    if (bytes.len != 4 && bytes.len != 16) {
        return bind_fail_number(call, BIND_VALUE_ERROR, at, bytes.len, " bytes given, an address has 4 or 16");
    }
    *address = bytes.data;
    *family = bytes.len == 4 ? 4 : 6;
    return true;
}

bool bind_prefix(bind_call_t *call, size_t at, const uint8_t **address, unsigned *family, unsigned *prefix_len) {
    uint64_t number;
    if (!bind_address(call, at, address, family) || !bind_number(call, at + 1, UINT64_MAX, &number)) {
        return false;
    }
    if (number > (*family == 4 ? 32 : 128)) {
        return bind_fail_number(call, BIND_VALUE_ERROR, at + 1, number, " is longer than the address");
    }
    *prefix_len = (unsigned)number;
    return true;
}

bool bind_endpoint(bind_call_t *call, size_t at, wg_endpoint_t *endpoint) {
    bind_buffer_t bytes;
    if (!bind_bytes(call, at, BIND_ANY_LEN, &bytes)) {
        return false;
    }
    return wg_endpoint_load(endpoint, bytes.data, bytes.len) ||
           bind_fail(call, BIND_VALUE_ERROR, at, "not an endpoint (family, port, scope, address)");
}

bool bind_overlap(bind_call_t *call, const bind_buffer_t *out, const bind_buffer_t *in, bind_overlap_t allowed) {
    uintptr_t a = (uintptr_t)out->data;
    uintptr_t b = (uintptr_t)in->data;
    if (out->len == 0 || in->len == 0 || (a == b && allowed == BIND_IN_PLACE)) {
        return true;
    }
    if (a < b ? b - a >= out->len : a - b >= in->len) {
        return true;
    }
    return bind_fail_call(call, BIND_VALUE_ERROR, "an output overlaps another buffer");
}

// --- results ---

bool bind_return(bind_call_t *call, bind_value_t value) {
    call->result = value;
    if (value == NULL) {
        call->fault = BIND_RAISED;
    }
    return value != NULL;
}

bool bind_return_bool(bind_call_t *call, bool answer) {
    return bind_return(call, bind_port_new_bool(answer));
}

bool bind_return_int(bind_call_t *call, int64_t number) {
    return bind_return(call, bind_port_new_int(number));
}

bool bind_return_bytes(bind_call_t *call, const uint8_t *data, size_t len) {
    return bind_return(call, bind_port_new_bytes(data, len));
}

bool bind_return_numbers(bind_call_t *call, const uint64_t *numbers, size_t count) {
    bind_value_t items[32];
    for (size_t i = 0; i < count; i++) {
        items[i] = bind_port_new_number(numbers[i]);
    }
    return bind_return(call, bind_port_new_tuple(items, count));
}

bool bind_return_prefixes(bind_call_t *call, const wg_allowedips_t *table, uint16_t peer) {
    bind_value_t list = bind_port_new_list();
    uint32_t cursor = 0;
    unsigned family;
    uint8_t address[16];
    unsigned prefix_len;
    while (list != NULL && wg_allowedips_next(table, peer, &cursor, &family, address, &prefix_len)) {
        bind_value_t items[2] = {bind_port_new_bytes(address, family == 4 ? 4 : 16), bind_port_new_int(prefix_len)};
        if (!bind_port_append(list, bind_port_new_tuple(items, 2))) {
            list = NULL;
        }
    }
    return bind_return(call, list);
}

bool bind_wipe(bind_call_t *call, void (*wipe)(void *state)) {
    bind_state_t *state = call->self;
    if (state->live) {
        state->live = false;
        wipe(state);
    }
    return true;
}
