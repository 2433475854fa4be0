// The machine's start: devices and interfaces first, then the device program, main() of the frozen module main. A release has no
// way out of that program: when it ends, the box resets. A development build then gives a prompt.

#include "block.h"
#include "cpu.h"
#include "device_program.h"
#include "entropy.h"
#include "memory.h"
#include "network.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
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
    device_program_prepare();
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
            mp_obj_base_t *exception = device_program_run();
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

static void live(void) {
    start_python();
    device_program_crash(device_program_run());
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
