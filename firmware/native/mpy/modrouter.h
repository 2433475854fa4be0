// What the files of _router share: modrouter.c, modrouter_uplink.c, modrouter_lan.c, modrouter_stream.c,
// modrouter_inside.c, modrouter_sign_in.c, modrouter_counters.c.
#ifndef MODROUTER_H
#define MODROUTER_H

#include "lwpath.h"
#include "modlock.h"
#include "modpath.h"
#include "py/runtime.h"

// Every method begins here: OSError once it is closed, ValueError when the tunnel or the gate was wiped.
wg_tunnel_t *router_enter(mp_obj_t self);

// An address is 4 bytes, in memory as on the wire; optional: None is 0. ValueError with the message.
uint32_t router_get_address(mp_obj_t value, mp_rom_error_text_t message);
uint32_t router_get_optional_address(mp_obj_t value, mp_rom_error_text_t message);
unsigned router_get_prefix_len(mp_obj_t value);
mp_obj_t router_new_address(uint32_t address);

int router_errno(err_t error);
// An errno that the network caused, as a value; what our own code did wrong is raised.
mp_obj_t router_new_errno(err_t error, mp_rom_error_text_t wrong);

MP_DECLARE_CONST_FUN_OBJ_1(router_uplink_dhcp_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_uplink_static_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_uplink_stop_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_uplink_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_look_up_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_name_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_silence_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_uplink_router_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_uplink_portal_obj);

MP_DECLARE_CONST_FUN_OBJ_3(router_set_tunnel_obj);
MP_DECLARE_CONST_FUN_OBJ_3(router_set_lan_obj);
MP_DECLARE_CONST_FUN_OBJ_3(router_set_former_lan_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_next_dhcp_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_send_dhcp_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_clients_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_try_leak_obj);

MP_DECLARE_CONST_FUN_OBJ_3(router_stream_open_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_stream_state_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_stream_end_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_stream_secure_obj);
MP_DECLARE_CONST_FUN_OBJ_3(router_stream_write_obj);
MP_DECLARE_CONST_FUN_OBJ_3(router_stream_read_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_stream_carry_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_stream_ping_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_stream_heard_ms_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_stream_close_obj);

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_set_inside_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_send_inside_obj);
MP_DECLARE_CONST_FUN_OBJ_2(router_next_inside_obj);

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(router_set_sign_in_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_close_sign_in_obj);
MP_DECLARE_CONST_FUN_OBJ_1(router_sign_in_obj);

MP_DECLARE_CONST_FUN_OBJ_1(router_counters_obj);

#endif
