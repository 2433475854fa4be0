#include "device_program.h"

#include "py/mphal.h"
#include "py/objexcept.h"
#include "py/objlist.h"
#include "py/objmodule.h"
#include "py/runtime.h"
#include "reset.h"
#include "watchdog.h"

void device_program_prepare(void) {
    mp_obj_t only = MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen);
    mp_sys_path = mp_obj_new_list(1, &only);
}

mp_obj_base_t *device_program_run(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return nlr.ret_val;
    }
    mp_obj_t module = mp_import_name(MP_QSTR_main, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
    mp_call_function_0(mp_load_attr(module, MP_QSTR_main));
    nlr_pop();
    return NULL;
}

static void say(void *unused, const char *text, size_t len) {
    (void)unused;
    for (size_t i = 0; i < len; i++) {
        reset_say((uint8_t)text[i]);
    }
    mp_hal_stdout_tx_strn_cooked(text, len);
}

// One line, on the console and for after the reset: what it was, and where.
static void say_end(mp_obj_base_t *exception) {
    const mp_print_t out = {NULL, say};
    mp_printf(&out, "\nundertow: the device program ended");
    if (exception != NULL) {
        mp_printf(&out, ": %s: ", mp_obj_get_type_str(MP_OBJ_FROM_PTR(exception)));
        mp_obj_print_helper(&out, MP_OBJ_FROM_PTR(exception), PRINT_STR);
        size_t count;
        size_t *places;
        mp_obj_exception_get_traceback(MP_OBJ_FROM_PTR(exception), &count, &places);
        if (count >= 3) { // file, line, function; the innermost one first
            mp_printf(&out, " (%q:%d)", (qstr)places[0], (int)places[1]);
        }
    }
    mp_printf(&out, "\n");
}

void device_program_crash(mp_obj_base_t *exception) {
    reset_note(RESET_CRASH);
    say_end(exception);
    watchdog_start(0);
}
