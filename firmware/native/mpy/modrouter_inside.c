// _router.Router: the inside service, small messages in the tunnel between the box and the gateway itself.
#include "lwpath_inside.h"
#include "modrouter.h"

///
///     def set_inside(self, port: int, address: "Optional[ReadableBuffer]", to_port: int) -> None:
///         """What comes through the tunnel by UDP from this address and port to ours and this port is for next_inside(). None: nothing is."""
static mp_obj_t router_set_inside(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)router_enter(args[0]);
    uint16_t port = modpath_get_port(args[1]), to_port = modpath_get_port(args[3]);
    uint32_t address = router_get_optional_address(args[2], MP_ERROR_TEXT("address: not 4 bytes"));
    port_lock();
    lwpath_set_inside(port, address, to_port);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_set_inside_obj, 4, 4, router_set_inside);

///
///     def send_inside(self, payload: ReadableBuffer) -> int:
///         """Send one message there; 0, or an errno that the network caused. ValueError: longer than any packet."""
static mp_obj_t router_send_inside(mp_obj_t self, mp_obj_t payload_in) {
    (void)router_enter(self);
    const mp_buffer_info_t payload = modpath_get_bytes(payload_in);
    port_lock();
    err_t error = lwpath_send_inside(payload.buf, payload.len);
    port_unlock();
    return router_new_errno(error, MP_ERROR_TEXT("payload: longer than a packet"));
}
MP_DEFINE_CONST_FUN_OBJ_2(router_send_inside_obj, router_send_inside);

///
///     def next_inside(self, buffer: WriteableBuffer) -> "Optional[int]":
///         """The oldest message: its length as it came, or None. buffer: 256 bytes or more, which is what is kept of a longer one."""
static mp_obj_t router_next_inside(mp_obj_t self, mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    (void)router_enter(self);
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    if (buffer.len < LWPATH_INSIDE_KEPT) {
        mp_raise_ValueError(MP_ERROR_TEXT("buffer: less than 256 bytes"));
    }
    mp_obj_t len = mp_const_none;
    port_lock();
    const lwpath_inside_slot_t *slot = lwpath_next_inside();
    if (slot != NULL) {
        memcpy(buffer.buf, slot->message, slot->len < LWPATH_INSIDE_KEPT ? slot->len : LWPATH_INSIDE_KEPT);
        len = MP_OBJ_NEW_SMALL_INT(slot->len);
    }
    port_unlock();
    return len;
}
MP_DEFINE_CONST_FUN_OBJ_2(router_next_inside_obj, router_next_inside);
