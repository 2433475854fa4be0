// _router.Router: the window for signing in, by which one client speaks with a sign-in page in clear.
#include "modrouter.h"
#include "py/mperrno.h"

static void take_places(lwpath_sign_in_places_t *places, mp_obj_t addresses_in, mp_obj_t names_in) {
    size_t count, name_count;
    mp_obj_t *addresses, *names;
    mp_obj_get_array(addresses_in, &count, &addresses);
    mp_obj_get_array(names_in, &name_count, &names);
    if (count == 0 || count > LWPATH_SIGN_IN_PLACES || name_count > count) {
        mp_raise_ValueError(MP_ERROR_TEXT("addresses: not 1 to 4, or fewer than names"));
    }
    *places = (lwpath_sign_in_places_t){.count = count};
    for (size_t i = 0; i < count; i++) {
        places->addresses[i] = router_get_address(addresses[i], MP_ERROR_TEXT("address: not 4 bytes"));
    }
    for (size_t i = 0; i < name_count; i++) {
        size_t len;
        const char *name = mp_obj_str_get_data(names[i], &len);
        if (len >= LWPATH_SIGN_IN_NAME_MAX || memchr(name, 0, len) != NULL) {
            mp_raise_ValueError(MP_ERROR_TEXT("name: too long"));
        }
        memcpy(places->names[i], name, len);
    }
}

///
///     def set_sign_in(
///         self, mac: ReadableBuffer, addresses: "tuple[bytes, ...]", names: "tuple[str, ...]", seconds: int
///     ) -> int:
///         """Let the client with this MAC speak with these addresses by TCP 80 and 443, in clear, for 1 to 600 s.
///
///         addresses: 1 to 4. names: of these, "" for none; every other name has the first address for this client.
///         0, or ENOTCONN: nobody with this MAC was heard; EHOSTUNREACH: there is no uplink. ValueError: an address can be no
///         portal's. It closes by itself: when its time is over, the tunnel brings something, or the uplink is another one.
///         """
static mp_obj_t router_set_sign_in(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    lwpath_sign_in_places_t places;
    (void)router_enter(args[0]);
    const mp_buffer_info_t mac = modpath_get_bytes(args[1]);
    if (mac.len != 6) {
        mp_raise_ValueError(MP_ERROR_TEXT("mac: not 6 bytes"));
    }
    take_places(&places, args[2], args[3]);
    uint32_t seconds =
        (uint32_t)modpath_get_number(args[4], LWPATH_SIGN_IN_MAX_S, MP_ERROR_TEXT("seconds: not to 600"));
    port_lock();
    err_t error = lwpath_set_sign_in(mac.buf, &places, seconds);
    port_unlock();
    if (error == ERR_CONN) {
        return MP_OBJ_NEW_SMALL_INT(MP_ENOTCONN);
    }
    return router_new_errno(error, MP_ERROR_TEXT("addresses: one can be no portal's, or no time"));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_set_sign_in_obj, 5, 5, router_set_sign_in);

///
///     def close_sign_in(self) -> None:
///         """Close it; without one nothing happens."""
static mp_obj_t router_close_sign_in(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    lwpath_close_sign_in();
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_close_sign_in_obj, router_close_sign_in);

///
///     def sign_in(self) -> "tuple[int, int, bytes, bytes, int, int, int, int]":
///         """The window of now, or the last one: a SIGN_IN_, milliseconds left, the client's MAC and address, then how many
///         segments went to the portal and came from it, questions for names answered, and frames of it refused.
///         """
static mp_obj_t router_sign_in(mp_obj_t self) {
    lwpath_sign_in_t told;
    (void)router_enter(self);
    port_lock();
    lwpath_sign_in(&told);
    port_unlock();
    mp_obj_t items[] = {
        MP_OBJ_NEW_SMALL_INT(told.end),
        mp_obj_new_int_from_uint(told.left_ms),
        mp_obj_new_bytes(told.mac, sizeof told.mac),
        router_new_address(told.client),
        mp_obj_new_int_from_uint(told.sent),
        mp_obj_new_int_from_uint(told.received),
        mp_obj_new_int_from_uint(told.answered),
        mp_obj_new_int_from_uint(told.refused),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
MP_DEFINE_CONST_FUN_OBJ_1(router_sign_in_obj, router_sign_in);
