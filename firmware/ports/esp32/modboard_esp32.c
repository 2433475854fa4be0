// _board on real boards: the interfaces, and the life of the device program.
#include "modboard_esp32.h"

#include "../virt/cpu.h"
#include "../virt/device_program.h"
#include "../virt/reset.h"
#include "../virt/watchdog.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "interfaces.h"
#include "py/runtime.h"
#include "radio.h"
#include "wait.h"

// A box that crashes at once does not flood its console.
#define PAUSE_AFTER_CRASH_MS 500

/// # Of boards that choose between a cable and Wi-Fi only: ports/esp32. An interface is "eth", "sta" (the radio in somebody's
/// # network) or "ap" (the radio's own network).

static const char *get_name(mp_obj_t name) {
    return name == mp_const_none ? NULL : mp_obj_str_get_str(name);
}

/// def set_interfaces(uplink: Optional[str], lan: Optional[str]) -> None:
///     """Which interface is which side; None: none is. Every other one drops everything, as all do from power-on.
///
///     A new uplink has no address until _router gives it one. ValueError: there is no such interface, or both are the same."""
static mp_obj_t board_set_interfaces(mp_obj_t uplink, mp_obj_t lan) {
    if (!interfaces_set_sides(get_name(uplink), get_name(lan))) {
        mp_raise_ValueError(MP_ERROR_TEXT("interface: not one of eth, sta and ap, or twice the same"));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(board_set_interfaces_obj, board_set_interfaces);

/// def link(interface: str) -> bool:
///     """Whether it has a link: a cable that leads somewhere, a network that was joined, an own network that is up. It is asked of
///     the interface itself; an interface that was never started has none."""
static mp_obj_t board_link(mp_obj_t interface) {
    return mp_obj_new_bool(interfaces_have_link(mp_obj_str_get_str(interface)));
}
MP_DEFINE_CONST_FUN_OBJ_1(board_link_obj, board_link);

/// def close_access_point() -> bool:
///     """Have our own network be closed, and hidden, from the moment that it is switched on until it has its settings.
///
///     After the first network.WLAN(), before the radio is on. False: the driver would not."""
static mp_obj_t board_close_access_point(void) {
    return mp_obj_new_bool(radio_close_access_point());
}
MP_DEFINE_CONST_FUN_OBJ_0(board_close_access_point_obj, board_close_access_point);

// For boot/_boot.py alone. A release does not come back from it: MicroPython's boot.py, main.py and prompt are never reached.
static mp_obj_t board_live(void) {
    wait_init();
    if (!console_start()) {
        reset_now(RESET_CRASH);
    }
#if UNDERTOW_DEV
    mp_obj_base_t *exception = device_program_run();
    watchdog_start(0); // nobody at a prompt feeds it
    if (exception != NULL) {
        mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(exception));
    }
    return mp_const_none;
#else
    device_program_prepare();
    device_program_crash(device_program_run());
    vTaskDelay(pdMS_TO_TICKS(PAUSE_AFTER_CRASH_MS));
    cpu_reset();
#endif
}
MP_DEFINE_CONST_FUN_OBJ_0(board_live_obj, board_live);
