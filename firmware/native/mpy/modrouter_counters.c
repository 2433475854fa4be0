// _router.Router: what was counted, by name.
#include "modrouter.h"

#define OWN_NAME(NUMBER, name) MP_QSTR_##name,
static const qstr own_names[] = {LWPATH_COUNTERS(OWN_NAME)};

// Those of the router's verdicts that are drops, from RT_DROP_MALFORMED on.
static const qstr router_names[] = {
    MP_QSTR_rt_malformed, MP_QSTR_rt_options, MP_QSTR_rt_source,  MP_QSTR_rt_destination,
    MP_QSTR_rt_protocol,  MP_QSTR_rt_ttl,     MP_QSTR_rt_too_big, MP_QSTR_rt_fragment,
    MP_QSTR_rt_no_flow,   MP_QSTR_rt_no_room, MP_QSTR_rt_closed,
};
_Static_assert(MP_ARRAY_SIZE(router_names) == RT_VERDICT_COUNT - RT_DROP_MALFORMED, "a verdict has no name");

// Those of the tunnel's statuses, from WG_ERR_SHORT on.
static const qstr tunnel_names[] = {
    MP_QSTR_wg_short,  MP_QSTR_wg_type,    MP_QSTR_wg_index,     MP_QSTR_wg_tag,
    MP_QSTR_wg_replay, MP_QSTR_wg_expired, MP_QSTR_wg_no_key,    MP_QSTR_wg_no_endpoint,
    MP_QSTR_wg_route,  MP_QSTR_wg_source,  MP_QSTR_wg_inner,     MP_QSTR_wg_mac1,
    MP_QSTR_wg_cookie, MP_QSTR_wg_rate,    MP_QSTR_wg_handshake, MP_QSTR_wg_space,
};
_Static_assert(MP_ARRAY_SIZE(tunnel_names) == WG_STATUS_COUNT - WG_ERR_SHORT, "a status has no name");

// All of them at one moment.
typedef struct {
    uint32_t own[LWPATH_COUNTER_COUNT];
    uint32_t router[MP_ARRAY_SIZE(router_names)];
    uint32_t tunnel[MP_ARRAY_SIZE(tunnel_names)];
} counts_t;

static void take_counts(counts_t *counts, const wg_tunnel_t *tunnel) {
    port_lock();
    for (size_t i = 0; i < LWPATH_COUNTER_COUNT; i++) {
        counts->own[i] = lwpath_count((lwpath_counter_t)i);
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(router_names); i++) {
        counts->router[i] = lwpath_router_count((rt_verdict_t)(RT_DROP_MALFORMED + i));
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(tunnel_names); i++) {
        counts->tunnel[i] = tunnel->drops[WG_ERR_SHORT + i];
    }
    port_unlock();
}

static void store_count(mp_obj_t dict, qstr name, uint32_t count) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_uint(count));
}

///
///     def counters(self) -> "dict[str, int]":
///         """Counts since power-on, modulo 2^32.
///
///         lan_rx, lan_tx, uplink_rx, uplink_tx: packets that passed; cookies: cookie replies sent. All others are drops:
///         lan_ and uplink_ by this path (lwpath_counters.h), rt_ by the router (rt_verdict.h), wg_ by the tunnel (wg_status.h).
///         """
static mp_obj_t router_counters(mp_obj_t self) {
    counts_t counts;
    take_counts(&counts, router_enter(self));
    mp_obj_t dict = mp_obj_new_dict(LWPATH_COUNTER_COUNT + MP_ARRAY_SIZE(router_names) + MP_ARRAY_SIZE(tunnel_names));
    for (size_t i = 0; i < LWPATH_COUNTER_COUNT; i++) {
        store_count(dict, own_names[i], counts.own[i]);
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(router_names); i++) {
        store_count(dict, router_names[i], counts.router[i]);
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(tunnel_names); i++) {
        store_count(dict, tunnel_names[i], counts.tunnel[i]);
    }
    return dict;
}
MP_DEFINE_CONST_FUN_OBJ_1(router_counters_obj, router_counters);
