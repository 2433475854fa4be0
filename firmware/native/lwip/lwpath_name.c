// One look-up at a time in lwIP's DNS client, which asks the name servers of the uplink: for the gateway's name alone.
#include "lwip/dns.h"
#include "lwpath_path.h"
#include "lwpath_port.h"

// What one network says of the gateway must not be believed in the next: sign-in pages give their own address for every name,
// and a network that means harm could say so for a week.
#if !defined(DNS_MAX_TTL) || DNS_MAX_TTL != 0
#error "lwIP keeps answers: set DNS_MAX_TTL to 0"
#endif

static struct {
    lwpath_name_t state;
    uint32_t address;
    uintptr_t number; // of the look-up: what lwIP says about those before is not heard
    bool untold;
} name;

static void end(const ip_addr_t *address) {
    name.state = address != NULL ? LWPATH_NAME_FOUND : LWPATH_NAME_FAILED;
    name.address = address != NULL ? ip_2_ip4(address)->addr : 0;
    name.untold = true;
    port_wake();
}

static void found(const char *text, const ip_addr_t *address, void *number) {
    (void)text;
    if (name.state == LWPATH_NAME_LOOKING && (uintptr_t)number == name.number) {
        end(address);
    }
}

void lwpath_look_up(const char *text) {
    ip_addr_t address;
    name.number++;
    name.untold = false;
    name.state = LWPATH_NAME_LOOKING; // lwIP asks before it returns
    err_t error = dns_gethostbyname(text, &address, found, (void *)name.number);
    if (error != ERR_INPROGRESS) {
        end(error == ERR_OK ? &address : NULL);
    }
}

lwpath_name_t lwpath_name(uint32_t *address) {
    name.untold = false;
    *address = name.address;
    return name.state;
}

bool lwpath_name_is_asked(void) {
    return name.state == LWPATH_NAME_LOOKING;
}

bool lwpath_name_has_ended(void) {
    return name.untold;
}

bool lwpath_is_name_server(uint32_t address) {
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++) {
        if (address != 0 && ip_2_ip4(dns_getserver(i))->addr == address) {
            return true;
        }
    }
    return false;
}
