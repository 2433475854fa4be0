// _wg for MicroPython: values and calls of ../binding in terms of py/obj.h. Nothing is decided here.
#include "modwg.h"

#include <string.h>

#include "bind.h"
#include "bind_gate.h"
#include "bind_shape.h"
#include "bind_tunnel.h"
#include "modlock.h"
#include "py/gc.h"
#include "py/objint.h"
#include "py/runtime.h"

#if WG_LOCK
#include "lwpath.h"
// The port's: zeroed memory for tables, where lwIP's task may always look, and Python's growing heap does not reach.
void *port_allocate(size_t size);
void port_free(void *memory);
#elif WG_MPY_CALLOC
// Ports with an operating system: pages of a big table that nobody uses cost nothing.
#include <stdlib.h>
#endif

// The binding hands objects around as pointers.
_Static_assert(sizeof(mp_obj_t) == sizeof(bind_value_t), "an object that is no pointer");

typedef struct {
    mp_obj_base_t base;
    const bind_class_t *class;
    uint64_t state[]; // aligned for anything that a state holds
} object_t;

static const mp_obj_type_t *type_of(const bind_class_t *class);

// --- the lock ---

// Whether the call that runs holds it. Only MicroPython's task comes here.
static bool is_locked;

// The data path uses tunnels, gates and shapes in its own task.
static bool is_shared(const bind_class_t *class) {
    return class == &bind_class_Tunnel || class == &bind_class_Gate || class == &bind_class_Shape;
}

static void lock_for(const bind_class_t *class) {
    if (WG_LOCK && is_shared(class)) {
        port_lock();
        is_locked = true;
    }
}

// A call that makes its result has done with what is shared: making it may raise, and collect garbage. (The allowed IPs, of which
// a list is made one by one, are changed by nobody else.)
static void let_go(void) {
    if (WG_LOCK && is_locked) {
        is_locked = false;
        port_unlock();
    }
}

// --- the binding's questions ---

bool bind_port_buffer(bind_call_t *call, bind_value_t value, bool writable, bind_buffer_t *buffer) {
    (void)call;
    mp_buffer_info_t info;
    mp_obj_t object = (mp_obj_t)value;
    // Text is not bytes, though MicroPython would lend its characters.
    if (mp_obj_is_str(object) || !mp_get_buffer(object, &info, writable ? MP_BUFFER_RW : MP_BUFFER_READ)) {
        return false;
    }
    buffer->data = info.buf;
    buffer->len = info.len;
    return true;
}

bind_fault_t bind_port_number(bind_value_t value, uint64_t *number) {
    mp_obj_t object = (mp_obj_t)value;
    if (mp_obj_is_small_int(object)) {
        mp_int_t small = MP_OBJ_SMALL_INT_VALUE(object);
        *number = (uint64_t)small;
        return small >= 0 ? BIND_FINE : BIND_OVERFLOW_ERROR;
    }
    if (!mp_obj_is_int(object)) {
        return BIND_TYPE_ERROR;
    }
    // mp_obj_get_ll() and its like take what does not fit modulo 2^64; this one says so.
    uint8_t bytes[8];
    if (mp_obj_int_sign(object) < 0 || !mp_obj_int_to_bytes_impl(object, true, sizeof(bytes), bytes)) {
        return BIND_OVERFLOW_ERROR;
    }
    *number = 0;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        *number = *number << 8 | bytes[i];
    }
    return BIND_FINE;
}

bool bind_port_bool(bind_value_t value, bool *answer) {
    *answer = (mp_obj_t)value == mp_const_true;
    return mp_obj_is_bool((mp_obj_t)value);
}

bool bind_port_is_none(bind_value_t value) {
    return (mp_obj_t)value == mp_const_none;
}

bool bind_port_items(bind_value_t value, size_t max, bind_value_t *items, size_t *count) {
    mp_obj_t object = (mp_obj_t)value;
    if (!mp_obj_is_type(object, &mp_type_tuple) && !mp_obj_is_type(object, &mp_type_list)) {
        return false;
    }
    mp_obj_t *values;
    mp_obj_get_array(object, count, &values);
    if (*count > max) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        items[i] = (bind_value_t)values[i];
    }
    return true;
}

void *bind_port_state(bind_value_t value, const bind_class_t *class) {
    mp_obj_t object = (mp_obj_t)value;
    return mp_obj_is_exact_type(object, type_of(class)) ? ((object_t *)MP_OBJ_TO_PTR(object))->state : NULL;
}

// --- new objects ---

bind_value_t bind_port_new(const bind_class_t *class, void **state) {
    let_go();
    size_t words = (class->state_size + sizeof(uint64_t) - 1) / sizeof(uint64_t);
    object_t *object = mp_obj_malloc_var_with_finaliser(object_t, uint64_t, words, type_of(class));
    object->class = class;
    memset(object->state, 0, words * sizeof(uint64_t));
    *state = object->state;
    return MP_OBJ_FROM_PTR(object);
}

bind_value_t bind_port_new_bool(bool answer) {
    return (bind_value_t)mp_obj_new_bool(answer);
}

bind_value_t bind_port_new_int(int64_t number) {
    let_go();
    return (bind_value_t)mp_obj_new_int_from_ll(number);
}

bind_value_t bind_port_new_number(uint64_t number) {
    let_go();
    return (bind_value_t)mp_obj_new_int_from_ull(number);
}

bind_value_t bind_port_new_bytes(const uint8_t *data, size_t len) {
    let_go();
    return (bind_value_t)mp_obj_new_bytes(data, len);
}

bind_value_t bind_port_new_tuple(bind_value_t *items, size_t count) {
    let_go();
    return (bind_value_t)mp_obj_new_tuple(count, (mp_obj_t *)items);
}

bind_value_t bind_port_new_list(void) {
    let_go();
    return (bind_value_t)mp_obj_new_list(0, NULL);
}

bool bind_port_append(bind_value_t list, bind_value_t item) {
    mp_obj_list_append((mp_obj_t)list, (mp_obj_t)item);
    return true;
}

void *bind_port_allocate(size_t size) {
#if WG_LOCK
    return port_allocate(size);
#elif WG_MPY_CALLOC
    return calloc(1, size);
#else
    void *memory = gc_alloc(size, 0);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
#endif
}

void bind_port_free(void *memory) {
#if WG_LOCK
    port_free(memory);
#elif WG_MPY_CALLOC
    free(memory);
#else
    // In a collection this does nothing: the memory goes with the object that it belongs to.
    gc_free(memory);
#endif
}

// --- calls ---

static NORETURN void raise_fault(const bind_call_t *call) {
    const mp_obj_type_t *type = &mp_type_TypeError;
    switch (call->fault) {
    case BIND_VALUE_ERROR:
        type = &mp_type_ValueError;
        break;
    case BIND_OVERFLOW_ERROR:
        type = &mp_type_OverflowError;
        break;
    case BIND_MEMORY_ERROR:
        type = &mp_type_MemoryError;
        break;
    default:
        break;
    }
    mp_raise_msg_varg(type, MP_ERROR_TEXT("%s"), call->message);
}

// Give the arguments, do the call, raise what there is to raise.
static mp_obj_t finish_call(bind_call_t *call, size_t arg_count, const mp_obj_t *args, const mp_map_t *named) {
    bool done = true;
    for (size_t i = 0; done && i < arg_count; i++) {
        done = bind_give(call, i, (bind_value_t)args[i]);
    }
    for (size_t i = 0; done && i < named->alloc; i++) {
        if (mp_map_slot_is_filled(named, i)) {
            size_t len;
            const char *name = mp_obj_str_get_data(named->table[i].key, &len);
            done = bind_give_named(call, name, len, (bind_value_t)named->table[i].value);
        }
    }
    if (done && call->class != NULL) {
        lock_for(call->class);
    }
    done = done && bind_run(call);
    let_go();
    if (!done) {
        raise_fault(call);
    }
    return call->result != NULL ? (mp_obj_t)call->result : mp_const_none;
}

static mp_obj_t call_function(const bind_function_t *function, size_t arg_count, const mp_obj_t *args,
                              const mp_map_t *named) {
    bind_call_t call;
    bind_begin(&call, function, NULL, NULL);
    return finish_call(&call, arg_count, args, named);
}

static mp_obj_t call_method(const bind_function_t *function, const bind_class_t *class, size_t arg_count,
                            const mp_obj_t *args, const mp_map_t *named) {
    // A method may be taken from its class and called with anything.
    void *state = bind_port_state((bind_value_t)args[0], class);
    if (state == NULL) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("self: a _wg.%s is wanted"), class->name);
    }
    bind_call_t call;
    bind_begin(&call, function, class, state);
    return finish_call(&call, arg_count - 1, args + 1, named);
}

static mp_obj_t call_constructor(const bind_function_t *function, const bind_class_t *class, size_t arg_count,
                                 size_t named_count, const mp_obj_t *args) {
    void *state;
    bind_value_t object = bind_port_new(class, &state);
    mp_map_t named;
    mp_map_init_fixed_table(&named, named_count, args + arg_count);
    bind_call_t call;
    bind_begin(&call, function, class, state);
    finish_call(&call, arg_count, args, &named);
    return (mp_obj_t)object;
}

// The finaliser. Nothing stops a program from calling it by hand, so what is left is a wiped object.
static mp_obj_t delete(mp_obj_t self) {
    object_t *object = MP_OBJ_TO_PTR(self);
    bind_state_t *state = (void *)object->state;
    lock_for(object->class);
#if WG_LOCK
    if (object->class == &bind_class_Tunnel) {
        lwpath_forget(((bind_tunnel_t *)state)->tunnel);
    } else if (object->class == &bind_class_Shape) {
        lwpath_forget_shape(&((bind_shape_t *)state)->shape);
    }
#endif
    state->live = false;
    if (object->class->finish != NULL) {
        object->class->finish(object->state);
    }
    let_go();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(delete_obj, delete);

wg_tunnel_t *wg_mpy_tunnel(mp_obj_t tunnel) {
    bind_tunnel_t *state = bind_port_state((bind_value_t)tunnel, &bind_class_Tunnel);
    if (state == NULL) {
        mp_raise_TypeError(MP_ERROR_TEXT("tunnel: a _wg.Tunnel is wanted"));
    }
    if (!state->state.live) {
        mp_raise_ValueError(MP_ERROR_TEXT("tunnel: it was wiped"));
    }
    return state->tunnel;
}

wg_gate_t *wg_mpy_gate(mp_obj_t gate) {
    bind_gate_t *state = bind_port_state((bind_value_t)gate, &bind_class_Gate);
    if (state == NULL) {
        mp_raise_TypeError(MP_ERROR_TEXT("gate: a _wg.Gate is wanted"));
    }
    if (!state->state.live) {
        mp_raise_ValueError(MP_ERROR_TEXT("gate: it was wiped"));
    }
    return &state->gate;
}

wg_shape_t *wg_mpy_shape(mp_obj_t shape) {
    bind_shape_t *state = bind_port_state((bind_value_t)shape, &bind_class_Shape);
    if (state == NULL) {
        mp_raise_TypeError(MP_ERROR_TEXT("shape: a _wg.Shape is wanted"));
    }
    if (!state->state.live) {
        mp_raise_ValueError(MP_ERROR_TEXT("shape: it was wiped"));
    }
    return &state->shape;
}

// --- tables ---

#define FUNCTION(name, parameters)                                                                                     \
    static mp_obj_t call_##name(size_t arg_count, const mp_obj_t *args, mp_map_t *named) {                             \
        static const bind_function_t function = {#name, parameters, bind_##name};                                      \
        return call_function(&function, arg_count, args, named);                                                       \
    }                                                                                                                  \
    static MP_DEFINE_CONST_FUN_OBJ_KW(name##_obj, 0, call_##name);
#define METHOD(class_name, name, parameters)                                                                           \
    static mp_obj_t call_##class_name##_##name(size_t arg_count, const mp_obj_t *args, mp_map_t *named) {              \
        static const bind_function_t function = {#name, parameters, bind_##class_name##_##name};                       \
        return call_method(&function, &bind_class_##class_name, arg_count, args, named);                               \
    }                                                                                                                  \
    static MP_DEFINE_CONST_FUN_OBJ_KW(class_name##_##name##_obj, 1, call_##class_name##_##name);
#define METHOD_ENTRY(class_name, name, parameters)                                                                     \
    {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&class_name##_##name##_obj)},
#define METHODS(class_name)                                                                                            \
    BIND_METHODS_##class_name(METHOD) static const mp_rom_map_elem_t class_name##_table[] = {                          \
        BIND_METHODS_##class_name(METHOD_ENTRY){MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&delete_obj)},                \
    };                                                                                                                 \
    static MP_DEFINE_CONST_DICT(class_name##_dict, class_name##_table);
#define MADE(class_name)                                                                                               \
    METHODS(class_name)                                                                                                \
    static MP_DEFINE_CONST_OBJ_TYPE(class_name##_type, MP_QSTR_##class_name, MP_TYPE_FLAG_NONE, locals_dict,           \
                                    &class_name##_dict);
#define CONSTRUCTED(class_name, parameters)                                                                            \
    METHODS(class_name)                                                                                                \
    static mp_obj_t new_##class_name(const mp_obj_type_t *type, size_t arg_count, size_t named_count,                  \
                                     const mp_obj_t *args) {                                                           \
        static const bind_function_t function = {"new", parameters, bind_##class_name##_new};                          \
        (void)type;                                                                                                    \
        return call_constructor(&function, &bind_class_##class_name, arg_count, named_count, args);                    \
    }                                                                                                                  \
    static MP_DEFINE_CONST_OBJ_TYPE(class_name##_type, MP_QSTR_##class_name, MP_TYPE_FLAG_NONE, make_new,              \
                                    new_##class_name, locals_dict, &class_name##_dict);

BIND_FUNCTIONS(FUNCTION)
BIND_CLASSES(CONSTRUCTED, MADE)

static const mp_obj_type_t *type_of(const bind_class_t *class) {
#define MADE_CASE(class_name)                                                                                          \
    if (class == &bind_class_##class_name) {                                                                           \
        return &class_name##_type;                                                                                     \
    }
#define CONSTRUCTED_CASE(class_name, parameters) MADE_CASE(class_name)
    BIND_CLASSES(CONSTRUCTED_CASE, MADE_CASE)
    return NULL;
}

#define FUNCTION_ENTRY(name, parameters) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&name##_obj)},
#define MADE_ENTRY(class_name) {MP_ROM_QSTR(MP_QSTR_##class_name), MP_ROM_PTR(&class_name##_type)},
#define CONSTRUCTED_ENTRY(class_name, parameters) MADE_ENTRY(class_name)
#define CONSTANT(name, value) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(value)},
static const mp_rom_map_elem_t module_table[] = {{MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__wg)},
                                                 BIND_FUNCTIONS(FUNCTION_ENTRY)
                                                     BIND_CLASSES(CONSTRUCTED_ENTRY, MADE_ENTRY)
#include "bind_constants.h"
};
static MP_DEFINE_CONST_DICT(module_dict, module_table);

const mp_obj_module_t wg_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&module_dict,
};

MP_REGISTER_MODULE(MP_QSTR__wg, wg_module);
