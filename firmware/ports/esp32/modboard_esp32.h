// What _board (../virt/modboard.c) has besides on real boards.
#ifndef MODBOARD_ESP32_H
#define MODBOARD_ESP32_H

#include "board.h"
#include "py/obj.h"

MP_DECLARE_CONST_FUN_OBJ_2(board_set_interfaces_obj);
MP_DECLARE_CONST_FUN_OBJ_1(board_link_obj);
MP_DECLARE_CONST_FUN_OBJ_0(board_close_access_point_obj);
MP_DECLARE_CONST_FUN_OBJ_0(board_live_obj);

#define BOARD_FUNCTIONS                                                                                                \
    {MP_ROM_QSTR(MP_QSTR_set_interfaces), MP_ROM_PTR(&board_set_interfaces_obj)},                                      \
        {MP_ROM_QSTR(MP_QSTR_link), MP_ROM_PTR(&board_link_obj)},                                                      \
        {MP_ROM_QSTR(MP_QSTR_close_access_point), MP_ROM_PTR(&board_close_access_point_obj)},                          \
        {MP_ROM_QSTR(MP_QSTR_live), MP_ROM_PTR(&board_live_obj)},

#define BOARD_MEMORY(dict, put)                                                                                        \
    put(dict, MP_QSTR_internal_free, memory_internal_free());                                                          \
    put(dict, MP_QSTR_internal_least, memory_internal_least());

#endif
