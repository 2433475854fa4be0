// _wg for CPython: values and calls of ../binding in terms of Python.h. Nothing is decided here.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "bind.h"
#include "wg_message.h"
#include "wg_tunnel.h"

#define MAX_VIEWS 16

#define COUNT_MADE(class_name) +1
#define COUNT_CONSTRUCTED(class_name, parameters) +1
enum { CLASS_COUNT = BIND_CLASSES(COUNT_CONSTRUCTED, COUNT_MADE) };

typedef struct {
    PyObject_HEAD const bind_class_t *class;
    uint64_t state[]; // aligned for anything that a state holds
} object_t;

// A call and the buffers that it holds; their owners must not move them meanwhile.
typedef struct {
    bind_call_t call;
    Py_buffer views[MAX_VIEWS];
    size_t view_count;
} held_call_t;

static struct {
    const bind_class_t *class;
    PyTypeObject *type;
} types[CLASS_COUNT];

// --- the binding's questions ---

bool bind_port_buffer(bind_call_t *call, bind_value_t value, bool writable, bind_buffer_t *buffer) {
    held_call_t *held = (held_call_t *)call;
    if (held->view_count == MAX_VIEWS) {
        return false;
    }
    Py_buffer *view = &held->views[held->view_count];
    if (PyObject_GetBuffer(value, view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) != 0) {
        PyErr_Clear();
        return false;
    }
    held->view_count++;
    buffer->data = view->buf;
    buffer->len = (size_t)view->len;
    return true;
}

bind_fault_t bind_port_number(bind_value_t value, uint64_t *number) {
    if (!PyLong_Check((PyObject *)value) || PyBool_Check((PyObject *)value)) {
        return BIND_TYPE_ERROR;
    }
    unsigned long long n = PyLong_AsUnsignedLongLong(value);
    if (n == (unsigned long long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        return BIND_OVERFLOW_ERROR;
    }
    *number = n;
    return BIND_FINE;
}

bool bind_port_bool(bind_value_t value, bool *answer) {
    *answer = value == Py_True;
    return PyBool_Check((PyObject *)value);
}

bool bind_port_is_none(bind_value_t value) {
    return value == Py_None;
}

bool bind_port_items(bind_value_t value, size_t max, bind_value_t *items, size_t *count) {
    if (!PyTuple_Check((PyObject *)value) && !PyList_Check((PyObject *)value)) {
        return false;
    }
    *count = (size_t)PySequence_Fast_GET_SIZE((PyObject *)value);
    if (*count > max) {
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        items[i] = PySequence_Fast_GET_ITEM((PyObject *)value, i);
    }
    return true;
}

static PyTypeObject *type_of(const bind_class_t *class) {
    size_t i = 0;
    while (types[i].class != class) {
        i++;
    }
    return types[i].type;
}

void *bind_port_state(bind_value_t value, const bind_class_t *class) {
    return Py_TYPE((PyObject *)value) == type_of(class) ? ((object_t *)value)->state : NULL;
}

// --- new objects ---

bind_value_t bind_port_new(const bind_class_t *class, void **state) {
    PyTypeObject *type = type_of(class);
    object_t *object = (object_t *)type->tp_alloc(type, 0); // zeroed
    if (object != NULL) {
        object->class = class;
        *state = object->state;
    }
    return object;
}

bind_value_t bind_port_new_bool(bool answer) {
    return PyBool_FromLong(answer);
}

bind_value_t bind_port_new_int(int64_t number) {
    return PyLong_FromLongLong(number);
}

bind_value_t bind_port_new_number(uint64_t number) {
    return PyLong_FromUnsignedLongLong(number);
}

bind_value_t bind_port_new_bytes(const uint8_t *data, size_t len) {
    return PyBytes_FromStringAndSize((const char *)data, (Py_ssize_t)len);
}

bind_value_t bind_port_new_tuple(bind_value_t *items, size_t count) {
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    bool whole = tuple != NULL;
    for (size_t i = 0; i < count; i++) {
        whole = whole && items[i] != NULL;
        if (tuple != NULL) {
            PyTuple_SET_ITEM(tuple, i, items[i]); // an empty place may hold NULL
        } else {
            Py_XDECREF((PyObject *)items[i]);
        }
    }
    if (!whole) {
        Py_CLEAR(tuple);
    }
    return tuple;
}

bind_value_t bind_port_new_list(void) {
    return PyList_New(0);
}

bool bind_port_append(bind_value_t list, bind_value_t item) {
    bool appended = item != NULL && PyList_Append(list, item) == 0;
    Py_XDECREF((PyObject *)item);
    if (!appended) {
        Py_DECREF((PyObject *)list);
    }
    return appended;
}

void *bind_port_allocate(size_t size) {
    return PyMem_RawCalloc(1, size);
}

void bind_port_free(void *memory) {
    PyMem_RawFree(memory);
}

// --- calls ---

static void raise_fault(const bind_call_t *call) {
    PyObject *const exceptions[] = {
        [BIND_TYPE_ERROR] = PyExc_TypeError,
        [BIND_VALUE_ERROR] = PyExc_ValueError,
        [BIND_OVERFLOW_ERROR] = PyExc_OverflowError,
        [BIND_MEMORY_ERROR] = PyExc_MemoryError,
    };
    if (call->fault != BIND_RAISED) {
        PyErr_SetString(exceptions[call->fault], call->message);
    }
}

static bool give_named(bind_call_t *call, PyObject *name, PyObject *value) {
    Py_ssize_t len;
    const char *text = PyUnicode_AsUTF8AndSize(name, &len);
    if (text == NULL) {
        call->fault = BIND_RAISED;
        return false;
    }
    return bind_give_named(call, text, (size_t)len, value);
}

// Give back the buffers, and raise what there is to raise.
static PyObject *finish_call(held_call_t *held, bool done) {
    for (size_t i = 0; i < held->view_count; i++) {
        PyBuffer_Release(&held->views[i]);
    }
    if (!done) {
        Py_XDECREF((PyObject *)held->call.result);
        raise_fault(&held->call);
        return NULL;
    }
    return held->call.result != NULL ? (PyObject *)held->call.result : Py_NewRef(Py_None);
}

static PyObject *call_function(const bind_function_t *function, const bind_class_t *class, PyObject *self,
                               PyObject *const *args, Py_ssize_t arg_count, PyObject *names) {
    held_call_t held;
    held.view_count = 0;
    bind_begin(&held.call, function, class, class != NULL ? ((object_t *)self)->state : NULL);
    bool done = true;
    for (Py_ssize_t i = 0; done && i < arg_count; i++) {
        done = bind_give(&held.call, (size_t)i, args[i]);
    }
    Py_ssize_t name_count = names != NULL ? PyTuple_GET_SIZE(names) : 0;
    for (Py_ssize_t i = 0; done && i < name_count; i++) {
        done = give_named(&held.call, PyTuple_GET_ITEM(names, i), args[arg_count + i]);
    }
    return finish_call(&held, done && bind_run(&held.call));
}

static PyObject *call_constructor(const bind_function_t *function, const bind_class_t *class, PyObject *args,
                                  PyObject *named) {
    void *state;
    PyObject *object = bind_port_new(class, &state);
    if (object == NULL) {
        return NULL;
    }
    held_call_t held;
    held.view_count = 0;
    bind_begin(&held.call, function, class, state);
    bool done = true;
    for (Py_ssize_t i = 0; done && i < PyTuple_GET_SIZE(args); i++) {
        done = bind_give(&held.call, (size_t)i, PyTuple_GET_ITEM(args, i));
    }
    PyObject *name;
    PyObject *value;
    Py_ssize_t position = 0;
    while (done && named != NULL && PyDict_Next(named, &position, &name, &value)) {
        done = give_named(&held.call, name, value);
    }
    PyObject *result = finish_call(&held, done && bind_run(&held.call));
    if (result == NULL) {
        Py_CLEAR(object);
    }
    Py_XDECREF(result);
    return object;
}

static void deallocate(PyObject *self) {
    object_t *object = (object_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (object->class != NULL && object->class->finish != NULL) {
        object->class->finish(object->state);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

// --- tables ---

#define FUNCTION(name, parameters)                                                                                     \
    static PyObject *call_##name(PyObject *module, PyObject *const *args, Py_ssize_t arg_count, PyObject *names) {     \
        static const bind_function_t function = {#name, parameters, bind_##name};                                      \
        (void)module;                                                                                                  \
        return call_function(&function, NULL, NULL, args, arg_count, names);                                           \
    }
#define METHOD(class_name, name, parameters)                                                                           \
    static PyObject *call_##class_name##_##name(PyObject *self, PyObject *const *args, Py_ssize_t arg_count,           \
                                                PyObject *names) {                                                     \
        static const bind_function_t function = {#name, parameters, bind_##class_name##_##name};                       \
        return call_function(&function, &bind_class_##class_name, self, args, arg_count, names);                       \
    }
#define FLAGS (METH_FASTCALL | METH_KEYWORDS)
#define FUNCTION_ENTRY(name, parameters) {#name, (PyCFunction)(void (*)(void))call_##name, FLAGS, NULL},
#define METHOD_ENTRY(class_name, name, parameters)                                                                     \
    {#name, (PyCFunction)(void (*)(void))call_##class_name##_##name, FLAGS, NULL},
#define MADE(class_name)                                                                                               \
    BIND_METHODS_##class_name(METHOD) static PyMethodDef methods_##class_name[] = {                                    \
        BIND_METHODS_##class_name(METHOD_ENTRY){NULL, NULL, 0, NULL}};
#define CONSTRUCTED(class_name, parameters)                                                                            \
    MADE(class_name)                                                                                                   \
    static PyObject *new_##class_name(PyTypeObject *type, PyObject *args, PyObject *named) {                           \
        static const bind_function_t function = {"new", parameters, bind_##class_name##_new};                          \
        (void)type;                                                                                                    \
        return call_constructor(&function, &bind_class_##class_name, args, named);                                     \
    }

BIND_FUNCTIONS(FUNCTION)
BIND_CLASSES(CONSTRUCTED, MADE)

static PyMethodDef functions[] = {BIND_FUNCTIONS(FUNCTION_ENTRY){NULL, NULL, 0, NULL}};

static const struct {
    const bind_class_t *class;
    const char *qualified_name;
    newfunc construct; // NULL: made only by other objects
    PyMethodDef *methods;
} classes[] = {
#define MADE_ENTRY(class_name) {&bind_class_##class_name, "_wg." #class_name, NULL, methods_##class_name},
#define CONSTRUCTED_ENTRY(class_name, parameters)                                                                      \
    {&bind_class_##class_name, "_wg." #class_name, new_##class_name, methods_##class_name},
    BIND_CLASSES(CONSTRUCTED_ENTRY, MADE_ENTRY)};

static bool add_class(PyObject *module, size_t i) {
    bool made = classes[i].construct == NULL;
    PyType_Slot slots[] = {
        {Py_tp_dealloc, deallocate},
        {Py_tp_methods, classes[i].methods},
        {made ? 0 : Py_tp_new, made ? NULL : (void *)classes[i].construct},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = classes[i].qualified_name,
        .basicsize = (int)(sizeof(object_t) + classes[i].class->state_size),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | (made ? Py_TPFLAGS_DISALLOW_INSTANTIATION : 0),
        .slots = slots,
    };
    PyObject *type = PyType_FromSpec(&spec);
    types[i].class = classes[i].class;
    types[i].type = (PyTypeObject *)type; // kept for ever, as the module is
    return type != NULL && PyModule_AddObjectRef(module, classes[i].class->name, type) == 0;
}

static bool add_constants(PyObject *module) {
    static const struct {
        const char *name;
        long value;
    } constants[] = {
#define CONSTANT(name, value) {#name, value},
#include "bind_constants.h"
    };
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_wg",
    .m_doc = "The C core of Undertow: cryptography and the packet path.",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__wg(void);

PyMODINIT_FUNC PyInit__wg(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
    bool added = add_constants(module);
    for (size_t i = 0; added && i < CLASS_COUNT; i++) {
        added = add_class(module, i);
    }
    if (!added) {
        Py_CLEAR(module);
    }
    return module;
}
