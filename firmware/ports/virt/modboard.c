// _board: the board for Python, beside the network (_router); also on real boards (../esp32).
/// """The board: console, flash, reset and watchdog. The network is in _router."""
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer

#include "console.h"
#include "cpu.h"
#include "entropy.h"
#include "flash.h"
#include "memory.h"
#include "network.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "reset.h"
#include "watchdog.h"

#ifdef BOARD_HEADER // of a port on real boards, which has this module, too: ../esp32
#include BOARD_HEADER
#endif

/// NAME: str  # the board's, as "virt_rv32"
/// DEV: bool  # a development build: there is a prompt, and Ctrl-C reaches it
///
/// # What reset_cause() says.
/// POWER_ON: int
/// RESET: int  # asked for
/// WATCHDOG: int  # nobody called feed() in time
/// CRASH: int  # a processor fault, or the device program ended

// --- console ---

/// def console_read(buffer: WriteableBuffer) -> int:
///     """Take what has come, as much as fits; how many bytes. Never waits."""
static mp_obj_t board_console_read(mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    return MP_OBJ_NEW_SMALL_INT(console_read(buffer.buf, buffer.len));
}
static MP_DEFINE_CONST_FUN_OBJ_1(board_console_read_obj, board_console_read);

/// def console_write(data: ReadableBuffer) -> int:
///     """Send all of it, at the speed of the wire; how many bytes. What nobody takes is dropped after a moment."""
static mp_obj_t board_console_write(mp_obj_t data) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    console_write(buffer.buf, buffer.len);
    return MP_OBJ_NEW_SMALL_INT(buffer.len);
}
static MP_DEFINE_CONST_FUN_OBJ_1(board_console_write_obj, board_console_write);

// --- reset and watchdog ---

/// def reset() -> None:
///     """Start anew, at once."""
static mp_obj_t board_reset(void) {
    reset_now(RESET_REQUEST);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_reset_obj, board_reset);

/// def power_off(status: int) -> None:
///     """End the emulator, with this exit status of 0 to 127; a real board sleeps until it is reset."""
static mp_obj_t board_power_off(mp_obj_t status) {
    cpu_power_off((int)mp_obj_get_int(status));
}
static MP_DEFINE_CONST_FUN_OBJ_1(board_power_off_obj, board_power_off);

/// def reset_cause() -> int:
///     """Why the machine started."""
static mp_obj_t board_reset_cause(void) {
    return MP_OBJ_NEW_SMALL_INT(reset_cause());
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_reset_cause_obj, board_reset_cause);

/// def crashes() -> int:
///     """How often in a row the box crashed or hung, since power-on or healthy()."""
static mp_obj_t board_crashes(void) {
    return mp_obj_new_int_from_uint(reset_crashes());
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_crashes_obj, board_crashes);

/// def last_words() -> str:
///     """What was said when the box crashed or hung, if it started because of that; else nothing."""
static mp_obj_t board_last_words(void) {
    size_t len;
    const char *words = reset_last_words(&len);
    return mp_obj_new_str(words, len);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_last_words_obj, board_last_words);

/// def healthy() -> None:
///     """The box works: forget the crashes."""
static mp_obj_t board_healthy(void) {
    reset_healthy();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_healthy_obj, board_healthy);

/// def watchdog(timeout_ms: int) -> None:
///     """Reset the box when feed() is not called for so long, whatever the program does then; 0: never."""
static mp_obj_t board_watchdog(mp_obj_t timeout_ms) {
    const mp_int_t timeout = mp_obj_get_int(timeout_ms);
    if (timeout < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout_ms: less than 0"));
    }
    watchdog_start((uint32_t)timeout);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(board_watchdog_obj, board_watchdog);

/// def feed() -> None:
///     """The watchdog's time begins anew."""
static mp_obj_t board_feed(void) {
    watchdog_feed();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_feed_obj, board_feed);

// --- what the board is ---

/// def has_random() -> bool:
///     """Whether there is a generator; without one no key can be made, and _router.fill_random() raises OSError."""
static mp_obj_t board_has_random(void) {
    return mp_obj_new_bool(entropy_is_there());
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_has_random_obj, board_has_random);

/// def mac(which: int) -> bytes:
///     """The 6 bytes of the uplink's (0) or the LAN's (1) address. OSError ENODEV: the machine has no such interface."""
static mp_obj_t board_mac(mp_obj_t which_in) {
    const mp_int_t which = mp_obj_get_int(which_in);
    uint8_t mac[6];
    if (which < 0 || !network_mac((unsigned)which, mac)) {
        mp_raise_OSError(MP_ENODEV);
    }
    return mp_obj_new_bytes(mac, sizeof mac);
}
static MP_DEFINE_CONST_FUN_OBJ_1(board_mac_obj, board_mac);

static void put_size(mp_obj_t dict, qstr name, size_t value) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_uint(value));
}

/// def memory() -> "dict[str, int]":
///     """In bytes: heap_size, heap_free (after what is garbage now was collected), heap_largest (what could be had in one
///     piece), stack_size, stack_left (the least that was ever left), code and ram (all of it, from the linker)."""
static mp_obj_t board_memory(void) {
    gc_collect();
    gc_info_t info;
    gc_info(&info);
    mp_obj_t dict = mp_obj_new_dict(7);
    put_size(dict, MP_QSTR_heap_size, info.total);
    put_size(dict, MP_QSTR_heap_free, info.free);
    put_size(dict, MP_QSTR_heap_largest, info.max_free * MICROPY_BYTES_PER_GC_BLOCK);
    put_size(dict, MP_QSTR_stack_size, memory_stack_size());
    put_size(dict, MP_QSTR_stack_left, memory_stack_left());
    put_size(dict, MP_QSTR_code, memory_code());
    put_size(dict, MP_QSTR_ram, memory_ram());
#ifdef BOARD_MEMORY // what a port has to say besides
    BOARD_MEMORY(dict, put_size)
#endif
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_memory_obj, board_memory);

static const MP_DEFINE_STR_OBJ(board_name_obj, UNDERTOW_BOARD);

static const mp_rom_map_elem_t board_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__board)},
    {MP_ROM_QSTR(MP_QSTR_NAME), MP_ROM_PTR(&board_name_obj)},
    {MP_ROM_QSTR(MP_QSTR_DEV), UNDERTOW_DEV ? MP_ROM_TRUE : MP_ROM_FALSE},
    {MP_ROM_QSTR(MP_QSTR_POWER_ON), MP_ROM_INT(RESET_POWER_ON)},
    {MP_ROM_QSTR(MP_QSTR_RESET), MP_ROM_INT(RESET_REQUEST)},
    {MP_ROM_QSTR(MP_QSTR_WATCHDOG), MP_ROM_INT(RESET_WATCHDOG)},
    {MP_ROM_QSTR(MP_QSTR_CRASH), MP_ROM_INT(RESET_CRASH)},
    {MP_ROM_QSTR(MP_QSTR_console_read), MP_ROM_PTR(&board_console_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_console_write), MP_ROM_PTR(&board_console_write_obj)},
    {MP_ROM_QSTR(MP_QSTR_reset), MP_ROM_PTR(&board_reset_obj)},
    {MP_ROM_QSTR(MP_QSTR_power_off), MP_ROM_PTR(&board_power_off_obj)},
    {MP_ROM_QSTR(MP_QSTR_reset_cause), MP_ROM_PTR(&board_reset_cause_obj)},
    {MP_ROM_QSTR(MP_QSTR_crashes), MP_ROM_PTR(&board_crashes_obj)},
    {MP_ROM_QSTR(MP_QSTR_last_words), MP_ROM_PTR(&board_last_words_obj)},
    {MP_ROM_QSTR(MP_QSTR_healthy), MP_ROM_PTR(&board_healthy_obj)},
    {MP_ROM_QSTR(MP_QSTR_watchdog), MP_ROM_PTR(&board_watchdog_obj)},
    {MP_ROM_QSTR(MP_QSTR_feed), MP_ROM_PTR(&board_feed_obj)},
    {MP_ROM_QSTR(MP_QSTR_has_random), MP_ROM_PTR(&board_has_random_obj)},
    {MP_ROM_QSTR(MP_QSTR_mac), MP_ROM_PTR(&board_mac_obj)},
    {MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&board_memory_obj)},
    {MP_ROM_QSTR(MP_QSTR_Flash), MP_ROM_PTR(&flash_type)},
#ifdef BOARD_FUNCTIONS // what a port brings besides
    BOARD_FUNCTIONS
#endif
};
static MP_DEFINE_CONST_DICT(board_globals, board_globals_table);

const mp_obj_module_t board_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&board_globals,
};

MP_REGISTER_MODULE(MP_QSTR__board, board_module);
