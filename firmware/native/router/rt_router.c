#include <string.h>

#include "rt.h"

bool rt_init(rt_router_t *router, const rt_memory_t *memory, const uint8_t seed[RT_SEED_LEN]) {
    *router = (rt_router_t){.mtu = RT_MTU_MIN};
    if (!rt_napt_init(&router->napt, &memory->napt) ||
        !rt_fragments_init(&router->fragments, memory->fragments, memory->fragment_capacity)) {
        return false;
    }
    rt_seed(router, seed);
    return true;
}

void rt_seed(rt_router_t *router, const uint8_t seed[RT_SEED_LEN]) {
    rt_random_seed(&router->random, seed);
    rt_napt_seed(&router->napt, &router->random);
    rt_fragments_seed(&router->fragments, &router->random);
    router->next_id = rt_random16(&router->random);
}

// The nets have changed: flows of clients outside them, and all fragments, have nowhere to go back to.
static void forget_strays(rt_router_t *router) {
    const uint32_t nets[2][2] = {{router->lan, router->lan_mask}, {router->former_lan, router->former_mask}};
    rt_napt_forget_outside(&router->napt, nets);
    rt_fragments_clear(&router->fragments);
}

void rt_set_lan(rt_router_t *router, uint32_t address, uint32_t mask) {
    router->lan = address;
    router->lan_mask = mask;
    forget_strays(router);
}

void rt_set_former_lan(rt_router_t *router, uint32_t address, uint32_t mask) {
    router->former_lan = address;
    router->former_mask = mask;
    forget_strays(router);
}

void rt_set_tunnel(rt_router_t *router, uint32_t address, uint16_t mtu, uint32_t dns) {
    if (address != router->tunnel) {
        rt_clear(router);
    }
    router->tunnel = address;
    router->mtu = mtu > RT_MTU_MIN ? mtu : RT_MTU_MIN;
    router->dns = dns;
}

void rt_clear(rt_router_t *router) {
    rt_napt_clear(&router->napt);
    rt_fragments_clear(&router->fragments);
}

uint16_t rt_flows_of(rt_router_t *router, uint32_t client, uint64_t now_ms) {
    return rt_napt_flows_of(&router->napt, client, rt_ticks(now_ms));
}
