#include "lwpath_silence.h"

#include "lwip/etharp.h"
#include "lwip/timeouts.h"
#include "lwpath_path.h"
#include "lwpath_port.h"
#include "lwpath_stream.h"
#include "netif/ethernet.h"

// Without an answer for so long the next hop is asked for its MAC, and again after as long as below: by unicast, which bothers
// nobody else, then by broadcast, since it may be another machine.
#define SILENT_MS 500
#define ASK_EVERY_MS 1000 // RFC 1122, 2.3.2.1
// An answer to ARP is here within so long, or it is none; this is also how often the timer looks.
#define STEP_MS 150
#define TRIES 3
// The next hop answers, and still nobody is heard so long after the first of what was sent, while more was sent for so long, or
// in vain before: a last packet of a conversation, which nobody answers, is no sign of anything.
#define FAR_MS 1500
#define SPOKE_MS 1000
// When nothing was sent for so long, what comes then begins anew.
#define ENDED_MS 2000

static struct {
    uint64_t since_ms; // the first of what nobody has answered; 0: all is well
    uint64_t last_ms;  // the last of it
    bool is_repeated;  // nobody has answered what was sent before it, either
    uint32_t to;       // where it went
    uint64_t asked_ms, told_ms;
    unsigned tries; // requests that the next hop has not answered
    bool is_gone;   // it has answered none of TRIES
    bool has_timer;
    lwpath_silence_t news;
} silence;

static void step(void *unused);

static void start_timer(void) {
    silence.has_timer = true;
    sys_timeout(STEP_MS, step, NULL);
}

// --- what happens on the way ---

void lwpath_silence_sent(const wg_endpoint_t *to) {
    uint32_t address = to->family == 4                  ? lwpath_address(to->address)
                       : to->family == WG_FAMILY_STREAM ? lwpath_stream_remote(to->port)
                                                        : 0;
    if (address == 0) {
        return;
    }
    if (silence.since_ms == 0 || lwpath.now_ms - silence.last_ms > ENDED_MS) {
        silence.is_repeated = silence.since_ms != 0;
        silence.since_ms = lwpath.now_ms;
        silence.tries = 0;
    }
    silence.last_ms = lwpath.now_ms;
    silence.to = address;
    if (!silence.has_timer) {
        start_timer();
    }
}

void lwpath_silence_heard(void) {
    silence.since_ms = 0;
    silence.is_gone = false;
}

void lwpath_silence_reset(void) {
    silence.since_ms = 0;
    silence.asked_ms = 0;
    silence.is_gone = false;
    silence.news = LWPATH_SILENCE_NONE;
}

// --- the next hop ---

// 0: there is none.
static uint32_t next_hop(void) {
    const struct netif *uplink = lwpath.uplink;
    if (uplink == NULL || !netif_is_link_up(uplink)) {
        return 0;
    }
    bool on_link = lwpath_is_in(silence.to, netif_ip4_addr(uplink)->addr, netif_ip4_netmask(uplink)->addr);
    return on_link ? silence.to : netif_ip4_gw(uplink)->addr;
}

static const struct eth_addr *known_mac(uint32_t hop) {
    const ip4_addr_t wanted = {hop}, *found;
    struct eth_addr *mac;
    return etharp_find_addr(lwpath.uplink, &wanted, &mac, &found) < 0 ? NULL : mac;
}

// lwIP has no request to one machine for us to use.
static void ask_one(uint32_t hop, const struct eth_addr *mac) {
    static const uint8_t ethernet_ipv4[6] = {0, 1, 0x08, 0x00, 6, 4};
    struct netif *uplink = lwpath.uplink;
    uint32_t own = netif_ip4_addr(uplink)->addr;
    struct pbuf *request = pbuf_alloc(PBUF_LINK, LWPATH_ARP_LEN, PBUF_RAM);
    if (request == NULL) {
        return; // the next try is a broadcast
    }
    uint8_t *arp = request->payload;
    memset(arp, 0, LWPATH_ARP_LEN);
    memcpy(arp, ethernet_ipv4, sizeof ethernet_ipv4);
    wg_store16_be(arp + LWPATH_ARP_OPERATION, LWPATH_ARP_REQUEST);
    memcpy(arp + LWPATH_ARP_SENDER_MAC, uplink->hwaddr, LWPATH_MAC_LEN);
    memcpy(arp + LWPATH_ARP_SENDER, &own, sizeof own);
    memcpy(arp + LWPATH_ARP_TARGET, &hop, sizeof hop);
    (void)ethernet_output(uplink, request, (const struct eth_addr *)(const void *)uplink->hwaddr, mac, ETHTYPE_ARP);
    pbuf_free(request);
}

static void ask(uint32_t hop) {
    const struct eth_addr *mac = silence.tries == 0 ? known_mac(hop) : NULL;
    if (mac != NULL) {
        ask_one(hop, mac);
    } else {
        const ip4_addr_t wanted = {hop};
        (void)etharp_request(lwpath.uplink, &wanted);
    }
    silence.asked_ms = lwpath.now_ms;
    silence.tries += silence.tries < TRIES;
}

void lwpath_silence_arp(uint32_t sender, const uint8_t mac[6]) {
    if (silence.since_ms == 0 || sender != next_hop()) {
        return;
    }
    const struct eth_addr *known = known_mac(sender);
    if (silence.is_gone || (known != NULL && !lwpath_same_mac(known->addr, mac))) {
        silence.news = LWPATH_SILENCE_MOVED;
    }
    silence.is_gone = false;
    silence.tries = 0;
}

// --- judging ---

static void tell(lwpath_silence_t news) {
    silence.news = news;
    silence.told_ms = lwpath.now_ms;
    port_wake();
}

static void judge(uint32_t hop) {
    bool is_time = lwpath.now_ms - silence.asked_ms >= ASK_EVERY_MS;
    bool is_told = silence.told_ms > silence.since_ms && lwpath.now_ms - silence.told_ms < ASK_EVERY_MS;
    if (silence.tries == TRIES && !is_told) {
        silence.is_gone = true;
        tell(LWPATH_SILENCE_NEAR);
    } else if (silence.tries == 0 && !is_told && lwpath.now_ms - silence.since_ms >= FAR_MS &&
               (silence.is_repeated || silence.last_ms - silence.since_ms >= SPOKE_MS)) {
        tell(LWPATH_SILENCE_FAR);
    }
    if (is_time || (silence.tries > 0 && silence.tries < TRIES)) {
        ask(hop);
    }
}

static void step(void *unused) {
    (void)unused;
    silence.has_timer = false;
    lwpath_take_time();
    if (silence.since_ms == 0 || lwpath.now_ms - silence.last_ms > ENDED_MS) {
        return;
    }
    uint32_t hop = next_hop();
    if (hop != 0 && lwpath.now_ms - silence.since_ms >= SILENT_MS) {
        judge(hop);
    }
    start_timer();
}

lwpath_silence_t lwpath_silence(void) {
    lwpath_silence_t news = silence.news;
    silence.news = LWPATH_SILENCE_NONE;
    return news;
}

bool lwpath_silence_has_news(void) {
    return silence.news != LWPATH_SILENCE_NONE;
}
