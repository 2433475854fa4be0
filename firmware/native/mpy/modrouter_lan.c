// _router.Router: what is inside: our address in the tunnel, the LAN and its clients.
#include "lwpath_dhcp.h"
#include "modrouter.h"

///
///     def set_tunnel(self, address: "Optional[ReadableBuffer]", dns: "Optional[ReadableBuffer]") -> None:
///         """Our address in the tunnel, None: closed, and where clients' DNS queries go, None: nowhere. Takes over the tunnel's MTU."""
static mp_obj_t router_set_tunnel(mp_obj_t self, mp_obj_t address, mp_obj_t dns) {
    (void)router_enter(self);
    uint32_t own = router_get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes"));
    uint32_t server = router_get_optional_address(dns, MP_ERROR_TEXT("dns: not 4 bytes"));
    port_lock();
    lwpath_set_tunnel(own, server);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(router_set_tunnel_obj, router_set_tunnel);

///
///     def set_lan(self, address: ReadableBuffer, prefix_len: int) -> None:
///         """Our address on the LAN. Clients elsewhere, but in the former LAN, are forgotten."""
static mp_obj_t router_set_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)router_enter(self);
    uint32_t own = router_get_address(address, MP_ERROR_TEXT("address: not 4 bytes"));
    unsigned len = router_get_prefix_len(prefix_len);
    port_lock();
    lwpath_set_lan(own, len);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(router_set_lan_obj, router_set_lan);

///
///     def set_former_lan(self, address: "Optional[ReadableBuffer]", prefix_len: int) -> None:
///         """The address before, which is served, too; None: none. To be set before set_lan() when the LAN moves."""
static mp_obj_t router_set_former_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)router_enter(self);
    uint32_t own = router_get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes"));
    unsigned len = router_get_prefix_len(prefix_len);
    port_lock();
    lwpath_set_former_lan(own, len);
    port_unlock();
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
    uint8_t mac[6];
    uint16_t len = 0; // no message is empty
    port_lock();
    const lwpath_dhcp_slot_t *slot = lwpath_next_dhcp();
    if (slot != NULL) {
        len = slot->len;
        memcpy(message.buf, slot->message, len);
        memcpy(mac, slot->mac, sizeof mac);
    }
    port_unlock();
    if (len == 0) {
        return mp_const_none;
    }
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(len), mp_obj_new_bytes(mac, sizeof mac)};
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
    bool broadcast = mp_obj_is_true(args[4]);
    port_lock();
    err_t error = lwpath_send_dhcp(message.buf, message.len, mac.buf, address, broadcast);
    port_unlock();
    return router_new_errno(error, MP_ERROR_TEXT("message: too long"));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_send_dhcp_obj, 5, 5, router_send_dhcp);

typedef struct {
    lwpath_neighbour_t known;
    uint16_t flows;
    uint64_t silent_ms;
} client_t;

static bool take_client(unsigned *cursor, client_t *client) {
    port_lock();
    lwpath_take_time();
    const lwpath_neighbour_t *next = lwpath_next_client(cursor);
    if (next != NULL) {
        *client = (client_t){*next, lwpath_flows_of(next->address), lwpath_now_ms() - next->heard_ms};
    }
    port_unlock();
    return next != NULL;
}

///
///     def clients(self) -> "list[tuple[bytes, bytes, int, int]]":
///         """(address, MAC, flows, milliseconds since it was heard) of those whose address is known."""
static mp_obj_t router_clients(mp_obj_t self) {
    unsigned cursor = 0;
    client_t client;
    mp_obj_t list = mp_obj_new_list(0, NULL);
    (void)router_enter(self);
    while (take_client(&cursor, &client)) {
        mp_obj_t items[4] = {router_new_address(client.known.address),
                             mp_obj_new_bytes(client.known.mac, sizeof client.known.mac),
                             MP_OBJ_NEW_SMALL_INT(client.flows), mp_obj_new_int_from_ull(client.silent_ms)};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    return list;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_clients_obj, router_clients);

///
///     def try_leak(self) -> int:
///         """Have a packet such as a client's come at a moment without the tunnel: 0: it died, 1: it left.
///
///         -1: it could not be tried. Nobody else's packets are concerned, and what would leave does not.
///         """
static mp_obj_t router_try_leak(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    int left = lwpath_try_leak();
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(left);
}
MP_DEFINE_CONST_FUN_OBJ_1(router_try_leak_obj, router_try_leak);
