// _router.Router: the uplink, and the gateway's name.
#include "modrouter.h"
#include "py/mperrno.h"

static void check(err_t error) {
    if (error != ERR_OK) {
        mp_raise_OSError(error == ERR_RTE ? MP_ENODEV : router_errno(error));
    }
}

static mp_obj_t new_optional_address(uint32_t address) {
    return address == 0 ? mp_const_none : router_new_address(address);
}

///     def uplink_dhcp(self) -> None:
///         """Get the uplink's address from a DHCP server; again: ask it again now. OSError ENODEV: there is no uplink."""
static mp_obj_t router_uplink_dhcp(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    err_t error = lwpath_uplink_dhcp();
    port_unlock();
    check(error);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_dhcp_obj, router_uplink_dhcp);

///
///     def uplink_static(
///         self, address: ReadableBuffer, prefix_len: int, gateway: ReadableBuffer, dns: "tuple[ReadableBuffer, ...]"
///     ) -> None:
///         """Give the uplink its address. Of the name servers the first two are used. OSError ENODEV: there is no uplink."""
static mp_obj_t router_uplink_static(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    uint32_t servers[DNS_MAX_SERVERS];
    mp_obj_t *items;
    size_t count;
    (void)router_enter(args[0]);
    uint32_t address = router_get_address(args[1], MP_ERROR_TEXT("address: not 4 bytes"));
    unsigned prefix_len = router_get_prefix_len(args[2]);
    uint32_t gateway = router_get_address(args[3], MP_ERROR_TEXT("gateway: not 4 bytes"));
    mp_obj_get_array(args[4], &count, &items);
    count = count < DNS_MAX_SERVERS ? count : DNS_MAX_SERVERS;
    for (size_t i = 0; i < count; i++) {
        servers[i] = router_get_address(items[i], MP_ERROR_TEXT("dns: not 4 bytes"));
    }
    port_lock();
    err_t error = lwpath_uplink_static(address, prefix_len, gateway, servers, count);
    port_unlock();
    check(error);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_uplink_static_obj, 5, 5, router_uplink_static);

///
///     def uplink_stop(self) -> None:
///         """Give the address back, and have none."""
static mp_obj_t router_uplink_stop(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    lwpath_uplink_stop();
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_stop_obj, router_uplink_stop);

///
///     def uplink(self) -> "tuple[bool, Optional[bytes], int, Optional[bytes], tuple[bytes, ...]]":
///         """(is the link up, address, prefix length, gateway, name servers); None: there is none."""
static mp_obj_t router_uplink(mp_obj_t self) {
    lwpath_uplink_t uplink;
    mp_obj_t servers[DNS_MAX_SERVERS];
    size_t count = 0;
    (void)router_enter(self);
    port_lock();
    lwpath_uplink(&uplink);
    port_unlock();
    for (size_t i = 0; i < DNS_MAX_SERVERS; i++) {
        if (uplink.dns[i] != 0) {
            servers[count++] = router_new_address(uplink.dns[i]);
        }
    }
    mp_obj_t items[5] = {mp_obj_new_bool(uplink.link), new_optional_address(uplink.address),
                         MP_OBJ_NEW_SMALL_INT(uplink.prefix_len), new_optional_address(uplink.gateway),
                         mp_obj_new_tuple(count, servers)};
    return mp_obj_new_tuple(5, items);
}
MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_obj, router_uplink);

///
///     def look_up(self, name: str) -> None:
///         """Ask the uplink's name servers for an IPv4 address, in place of what was asked before. For the gateway's name alone."""
static mp_obj_t router_look_up(mp_obj_t self, mp_obj_t name) {
    (void)router_enter(self);
    const char *text = mp_obj_str_get_str(name);
    port_lock();
    lwpath_look_up(text);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(router_look_up_obj, router_look_up);

///
///     def name(self) -> "Optional[bytes]":
///         """The address that was found; b"": there is none; None: still looking."""
static mp_obj_t router_name(mp_obj_t self) {
    uint32_t address;
    (void)router_enter(self);
    port_lock();
    lwpath_name_t state = lwpath_name(&address);
    port_unlock();
    switch (state) {
    case LWPATH_NAME_FOUND:
        return router_new_address(address);
    case LWPATH_NAME_LOOKING:
        return mp_const_none;
    default:
        return mp_const_empty_bytes;
    }
}
MP_DEFINE_CONST_FUN_OBJ_1(router_name_obj, router_name);

///
///     def silence(self) -> int:
///         """What it means that we send and hear nothing, SILENCE_; told again each second while it lasts. 0: nothing new."""
static mp_obj_t router_silence(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    lwpath_silence_t news = lwpath_silence();
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(news);
}
MP_DEFINE_CONST_FUN_OBJ_1(router_silence_obj, router_silence);

///
///     def uplink_router(self) -> "Optional[bytes]":
///         """The MAC of the uplink's next hop, as ARP told last; None: it is not known."""
static mp_obj_t router_uplink_router(mp_obj_t self) {
    uint8_t mac[6];
    (void)router_enter(self);
    port_lock();
    bool is_known = lwpath_uplink_router(mac);
    port_unlock();
    return is_known ? mp_obj_new_bytes(mac, sizeof mac) : mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_router_obj, router_uplink_router);

///
///     def uplink_portal(self) -> "Optional[str]":
///         """Where one signs in, as the uplink's DHCP server says (option 114, RFC 8910); printable ASCII. None: it says nothing."""
static mp_obj_t router_uplink_portal(mp_obj_t self) {
    char address[LWPATH_PORTAL_MAX];
    (void)router_enter(self);
    port_lock();
    size_t len = lwpath_uplink_portal(address);
    port_unlock();
    return len == 0 ? mp_const_none : mp_obj_new_str(address, len);
}
MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_portal_obj, router_uplink_portal);
