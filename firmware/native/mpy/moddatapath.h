// What the files of _datapath share: moddatapath.c, moddatapath_stream.c.
#ifndef MODDATAPATH_H
#define MODDATAPATH_H

#include "path.h"
#include "py/runtime.h"

// The path behind an object. OSError: it is closed; ValueError: its tunnel or its gate was wiped.
path_t *datapath_get_path(mp_obj_t self);
// OSError unless it is 0.
void datapath_check(int error);

MP_DECLARE_CONST_FUN_OBJ_3(datapath_stream_open_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_adopt_obj);
MP_DECLARE_CONST_FUN_OBJ_1(datapath_next_stream_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_state_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_end_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_stream_secure_obj);
MP_DECLARE_CONST_FUN_OBJ_3(datapath_stream_write_obj);
MP_DECLARE_CONST_FUN_OBJ_3(datapath_stream_read_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_stream_carry_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_ping_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_heard_ms_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_is_proven_obj);
MP_DECLARE_CONST_FUN_OBJ_2(datapath_stream_close_obj);

#endif
