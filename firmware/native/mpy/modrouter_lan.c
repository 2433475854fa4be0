// _router.Router: what is inside: our address in the tunnel, the LAN and its clients.
#include "lwpath_dhcp.h"
#include "modrouter.h"

///
///     def set_tunnel(self, address: "Optional[ReadableBuffer]", dns: "Optional[ReadableBuffer]") -> None:
///         """Our address in the tunnel, None: closed, and where clients' DNS queries go, None: nowhere. Takes over the tunnel's MTU."""
static mp_obj_t router_set_tunnel(mp_obj_t self, mp_obj_t address, mp_obj_t dns) {
    (void)router_enter(self);
    lwpath_set_tunnel(router_get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes")),
                      router_get_optional_address(dns, MP_ERROR_TEXT("dns: not 4 bytes")));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(router_set_tunnel_obj, router_set_tunnel);

///
///     def set_lan(self, address: ReadableBuffer, prefix_len: int) -> None:
///         """Our address on the LAN. Clients elsewhere, but in the former LAN, are forgotten."""
static mp_obj_t router_set_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)router_enter(self);
    lwpath_set_lan(router_get_address(address, MP_ERROR_TEXT("address: not 4 bytes")),
                   router_get_prefix_len(prefix_len));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(router_set_lan_obj, router_set_lan);

///
///     def set_former_lan(self, address: "Optional[ReadableBuffer]", prefix_len: int) -> None:
///         """The address before, which is served, too; None: none. To be set before set_lan() when the LAN moves."""
static mp_obj_t router_set_former_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)router_enter(self);
    lwpath_set_former_lan(router_get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes")),
                          router_get_prefix_len(prefix_len));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(router_set_former_lan_obj, router_set_former_lan);

///
///     def next_dhcp(self, message: bytearray) -> "Optional[tuple[int, bytes]]":
///         """The oldest DHCP message of a client: (length, MAC of the frame), or None. message: at least 576 bytes."""
static mp_obj_t router_next_dhcp(mp_obj_t self, mp_obj_t message_in) {
    mp_buffer_info_t message;
    (void)router_enter(self);
    mp_get_buffer_raise(message_in, &message, MP_BUFFER_WRITE);
    if (message.len < LWPATH_DHCP_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("message: less than 576 bytes"));
    }
    const lwpath_dhcp_slot_t *slot = lwpath_next_dhcp();
    if (slot == NULL) {
        return mp_const_none;
    }
    memcpy(message.buf, slot->message, slot->len);
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(slot->len), mp_obj_new_bytes(slot->mac, sizeof slot->mac)};
    return mp_obj_new_tuple(2, items);
}
MP_DEFINE_CONST_FUN_OBJ_2(router_next_dhcp_obj, router_next_dhcp);

///
///     def send_dhcp(self, message: ReadableBuffer, mac: ReadableBuffer, address: ReadableBuffer, broadcast: bool) -> int:
///         """Send an answer from our LAN address, UDP 67 to 68; 0 or an errno. An acknowledgement binds its address to the MAC."""
static mp_obj_t router_send_dhcp(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)router_enter(args[0]);
    const mp_buffer_info_t message = modpath_get_bytes(args[1]), mac = modpath_get_bytes(args[2]);
    if (mac.len != 6) {
        mp_raise_ValueError(MP_ERROR_TEXT("mac: not 6 bytes"));
    }
    uint32_t address = router_get_address(args[3], MP_ERROR_TEXT("address: not 4 bytes"));
    return router_new_errno(lwpath_send_dhcp(message.buf, message.len, mac.buf, address, mp_obj_is_true(args[4])),
                            MP_ERROR_TEXT("message: too long"));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_send_dhcp_obj, 5, 5, router_send_dhcp);

///
///     def clients(self) -> "list[tuple[bytes, bytes, int, int]]":
///         """(address, MAC, flows, milliseconds since it was heard) of those whose address is known."""
static mp_obj_t router_clients(mp_obj_t self) {
    unsigned cursor = 0;
    mp_obj_t list = mp_obj_new_list(0, NULL);
    (void)router_enter(self);
    lwpath_take_time();
    for (const lwpath_neighbour_t *client; (client = lwpath_next_client(&cursor)) != NULL;) {
        mp_obj_t items[4] = {router_new_address(client->address), mp_obj_new_bytes(client->mac, sizeof client->mac),
                             MP_OBJ_NEW_SMALL_INT(lwpath_flows_of(client->address)),
                             mp_obj_new_int_from_ull(lwpath_now_ms() - client->heard_ms)};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    return list;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_clients_obj, router_clients);
