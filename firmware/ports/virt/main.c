// The machine's start: devices and interfaces first, then the device program, main() of the frozen module main. A release has no
// way out of that program: when it ends, the box resets. A development build then gives a prompt.

#include "block.h"
#include "cpu.h"
#include "entropy.h"
#include "memory.h"
#include "network.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objexcept.h"
#include "py/objlist.h"
#include "py/objmodule.h"
#include "py/runtime.h"
#include "reset.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/interrupt_char.h"
#include "shared/runtime/pyexec.h"
#include "watchdog.h"

// A box that crashes at once does not flood its console.
#define PAUSE_AFTER_CRASH_US 500000

static uint8_t heap[UNDERTOW_HEAP_LEN] __attribute__((aligned(16)));

extern uint32_t _stack_end; // the linker script's

static void start_python(void) {
    mp_cstack_init_with_top(&_stack_end, memory_stack_size());
    gc_init(heap, heap + sizeof(heap));
    mp_init();
    // Modules come from the firmware alone: no file can take the place of one.
    mp_obj_t only = MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen);
    mp_sys_path = mp_obj_new_list(1, &only);
}

// What the device program ended with; NULL: it returned.
static mp_obj_base_t *run_device_program(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return nlr.ret_val;
    }
    mp_obj_t module = mp_import_name(MP_QSTR_main, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
    mp_call_function_0(mp_load_attr(module, MP_QSTR_main));
    nlr_pop();
    return NULL;
}

#if UNDERTOW_DEV

static void prompt(void) {
    for (;;) {
        const int left = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
        if (left != 0) {
            return;
        }
    }
}

static void live(void) {
    for (;;) {
        start_python();
        if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
            mp_hal_set_interrupt_char(CHAR_CTRL_C);
            mp_obj_base_t *exception = run_device_program();
            mp_hal_set_interrupt_char(-1);
            watchdog_start(0); // nobody at a prompt feeds it
            if (exception != NULL) {
                mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(exception));
            }
        }
        prompt();
        mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
        network_deny();
        gc_sweep_all();
        mp_deinit();
    }
}

#else

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

static void live(void) {
    start_python();
    mp_obj_base_t *exception = run_device_program();
    reset_note(RESET_CRASH);
    say_end(exception);
    watchdog_start(0);
    for (const uint64_t end = cpu_time_us() + PAUSE_AFTER_CRASH_US; cpu_time_us() < end;) {
        cpu_sleep_until(end);
    }
    cpu_reset();
}

#endif

int main(void) {
    memory_watch_stack();
    cpu_init();
    reset_init();
    entropy_init();
    block_init();
    network_init();
    live();
    return 0;
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

void nlr_jump_fail(void *value) {
    (void)value;
    mp_hal_stdout_tx_str("\r\nundertow: an exception that nobody catches\r\n");
    reset_now(RESET_CRASH);
}
