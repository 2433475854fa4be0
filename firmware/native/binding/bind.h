// The module _wg without its interpreter: what its functions check, do and answer is written once and is the same on
// MicroPython and CPython. An interpreter's side (../mpy, ../cpython) gives values a meaning: bind_port_*() below.
//
// A function of the module takes its arguments (bind_bytes(), bind_number(), ...), calls the core, and sets the result.
// It returns false after bind_fail(); the interpreter's side then raises the exception, in one place.
#ifndef BIND_H
#define BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bind_list.h"
#include "wg_allowedips.h"
#include "wg_endpoint.h"

#define BIND_MAX_ARGUMENTS 8
#define BIND_MESSAGE_LEN 96
// The latest time that may be given: sums with it never wrap.
#define BIND_LAST_MS ((UINT64_C(1) << 62) - 1)

// An object of the interpreter. NULL: none, an argument that was left out.
typedef void *bind_value_t;

typedef enum {
    BIND_FINE,
    BIND_TYPE_ERROR,
    BIND_VALUE_ERROR,
    BIND_OVERFLOW_ERROR,
    BIND_MEMORY_ERROR,
    BIND_RAISED, // the interpreter has its own exception already
} bind_fault_t;

typedef struct {
    uint8_t *data;
    size_t len;
} bind_buffer_t;

typedef struct bind_call bind_call_t;

typedef struct {
    const char *name;
    const char *parameters; // names with a space between; a question mark after what may be left out or None
    bool (*run)(bind_call_t *call);
} bind_function_t;

// Every object's state begins with this.
typedef struct {
    bool live; // false before it is made and after wipe(): it can only be wiped
} bind_state_t;

typedef struct {
    const char *name;
    size_t state_size;
    void (*finish)(void *state); // wipe and give back, when the object is freed; NULL: nothing to do
} bind_class_t;

struct bind_call {
    const bind_function_t *function;
    const bind_class_t *class; // of self; NULL: no method
    void *self;                // its state
    bind_value_t arguments[BIND_MAX_ARGUMENTS];
    bind_value_t result; // NULL: None
    bind_fault_t fault;
    char message[BIND_MESSAGE_LEN];
};

// --- all names of the module ---

#define DECLARE(class_name, name, parameters) bool bind_##class_name##_##name(bind_call_t *call);
// state_size and finish of each class stand where the class does.
#define MADE(class_name)                                                                                               \
    extern const bind_class_t bind_class_##class_name;                                                                 \
    BIND_METHODS_##class_name(DECLARE)
#define CONSTRUCTED(class_name, parameters)                                                                            \
    MADE(class_name)                                                                                                   \
    DECLARE(class_name, new, parameters)
#define FUNCTION(name, parameters) bool bind_##name(bind_call_t *call);
BIND_FUNCTIONS(FUNCTION)
BIND_CLASSES(CONSTRUCTED, MADE)
#undef DECLARE
#undef MADE
#undef CONSTRUCTED
#undef FUNCTION

// --- a call, for the interpreter's side ---

void bind_begin(bind_call_t *call, const bind_function_t *function, const bind_class_t *class, void *self);
// One argument by position, one by name.
bool bind_give(bind_call_t *call, size_t position, bind_value_t value);
bool bind_give_named(bind_call_t *call, const char *name, size_t len, bind_value_t value);
// Do it. False: fault and message say what to raise.
bool bind_run(bind_call_t *call);

// --- arguments, for the module's functions; at: position. All return false after bind_fail() ---

#define BIND_ANY_LEN SIZE_MAX

// Why a call fails: fault, and a message that begins with the argument's name.
void bind_note(bind_call_t *call, bind_fault_t fault, size_t at, const char *why);
// With a number before the text: "peer: 7 is not a peer".
void bind_note_number(bind_call_t *call, bind_fault_t fault, size_t at, uint64_t number, const char *why);
// A fault of the call as a whole.
void bind_note_call(bind_call_t *call, bind_fault_t fault, const char *why);

static inline bool bind_fail(bind_call_t *call, bind_fault_t fault, size_t at, const char *why) {
    bind_note(call, fault, at, why);
    return false;
}

static inline bool bind_fail_number(bind_call_t *call, bind_fault_t fault, size_t at, uint64_t number,
                                    const char *why) {
    bind_note_number(call, fault, at, number, why);
    return false;
}

static inline bool bind_fail_call(bind_call_t *call, bind_fault_t fault, const char *why) {
    bind_note_call(call, fault, why);
    return false;
}

bool bind_has(const bind_call_t *call, size_t at);
// len: the exact length, or BIND_ANY_LEN.
bool bind_bytes(bind_call_t *call, size_t at, size_t len, bind_buffer_t *bytes);
bool bind_output(bind_call_t *call, size_t at, size_t len, bind_buffer_t *out);
// Bytes that are to be wiped after use if they can be; *writable says so.
bool bind_secret(bind_call_t *call, size_t at, size_t len, bind_buffer_t *bytes, bool *writable);
// One to max outputs of len bytes each in a tuple or list.
bool bind_outputs(bind_call_t *call, size_t at, size_t len, size_t max, bind_buffer_t *outs, size_t *count);
// 0 to max, which is less than 2^64; else OverflowError.
bool bind_number(bind_call_t *call, size_t at, uint64_t max, uint64_t *number);
// So many of them, in a tuple or list.
bool bind_numbers(bind_call_t *call, size_t at, uint64_t max, uint64_t *numbers, size_t count);
// A time: 1 to BIND_LAST_MS.
bool bind_now(bind_call_t *call, size_t at, uint64_t *now_ms);
bool bind_bool(bind_call_t *call, size_t at, bool *answer);
// The state of another object, which must not have been wiped.
bool bind_object(bind_call_t *call, size_t at, const bind_class_t *class, void **state);
// An inner address, 4 or 16 bytes, and its family.
bool bind_address(bind_call_t *call, size_t at, const uint8_t **address, unsigned *family);
// An address at `at` and its prefix length just after it.
bool bind_prefix(bind_call_t *call, size_t at, const uint8_t **address, unsigned *family, unsigned *prefix_len);
bool bind_endpoint(bind_call_t *call, size_t at, wg_endpoint_t *endpoint);

// That an output shares no byte with an input; with BIND_IN_PLACE, or begins exactly where the input does.
typedef enum { BIND_APART, BIND_IN_PLACE } bind_overlap_t;
bool bind_overlap(bind_call_t *call, const bind_buffer_t *out, const bind_buffer_t *in, bind_overlap_t allowed);

// --- results ---

bool bind_return(bind_call_t *call, bind_value_t value); // false if NULL: the interpreter could not make it
bool bind_return_bool(bind_call_t *call, bool answer);
bool bind_return_int(bind_call_t *call, int64_t number);
bool bind_return_bytes(bind_call_t *call, const uint8_t *data, size_t len);
bool bind_return_numbers(bind_call_t *call, const uint64_t *numbers, size_t count);
// What a table has of a peer: a list of (address, prefix length).
bool bind_return_prefixes(bind_call_t *call, const wg_allowedips_t *table, uint16_t peer);

// wipe() of every class.
bool bind_wipe(bind_call_t *call, void (*wipe)(void *state));

// --- the interpreter's side ---

// A buffer that stays where it is until the call ends; writable: it must be. False: no such buffer, nothing was raised.
bool bind_port_buffer(bind_call_t *call, bind_value_t value, bool writable, bind_buffer_t *buffer);
// BIND_TYPE_ERROR: no int (a bool is none), BIND_OVERFLOW_ERROR: negative or more than 64 bits.
bind_fault_t bind_port_number(bind_value_t value, uint64_t *number);
bool bind_port_bool(bind_value_t value, bool *answer); // false: no bool
bool bind_port_is_none(bind_value_t value);
// The items of a tuple or list of at most max; false: neither, or too long.
bool bind_port_items(bind_value_t value, size_t max, bind_value_t *items, size_t *count);
void *bind_port_state(bind_value_t value, const bind_class_t *class); // NULL: not of this class

// New objects; NULL: out of memory, raised. (MicroPython leaves at once instead.)
bind_value_t bind_port_new(const bind_class_t *class, void **state);
bind_value_t bind_port_new_bool(bool answer);
bind_value_t bind_port_new_int(int64_t number);
bind_value_t bind_port_new_number(uint64_t number);
bind_value_t bind_port_new_bytes(const uint8_t *data, size_t len);
// Takes over the items, also when it fails or one of them is NULL.
bind_value_t bind_port_new_tuple(bind_value_t *items, size_t count);
bind_value_t bind_port_new_list(void);
// Takes over item, which may be NULL; false: raised, and the list is gone.
bool bind_port_append(bind_value_t list, bind_value_t item);

// Zeroed memory that no other object moves or counts; NULL: none left, nothing was raised.
void *bind_port_allocate(size_t size);
void bind_port_free(void *memory);

#endif
