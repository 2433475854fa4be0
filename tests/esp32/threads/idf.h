// What of ESP-IDF the port's packet glue meets, on threads of this machine: interfaces that are added to lwIP and taken away as
// esp_netif does it, drivers with tasks of their own, notifications. It behaves as documented, with these habits of the real one:
//  - at each start netif_add() gets tcpip_input, whatever was there before;
//  - each stop forgets that DHCP was not wanted, so that the next connection starts ESP-IDF's own client;
//  - an interface of its own Wi-Fi has an address from the start;
//  - drivers copy what they send, and hand over received frames in buffers of exactly their length.
#ifndef IDF_H
#define IDF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp_netif.h"
#include "esp_netif_net_stack.h"
#include "esp_wifi.h"
#include "lwip/netif.h"

enum { FRAME_MAX = 1600, SENT_MAX = 4096 };

typedef struct {
    size_t len;
    uint8_t bytes[FRAME_MAX];
} frame_t;

extern esp_netif_t idf_station, idf_access_point, idf_cable;

// Interfaces exist from now on, as after network.WLAN() and network.LAN().
void idf_make_interfaces(void);
void idf_start(esp_netif_t *interface); // and its driver
void idf_stop(esp_netif_t *interface);
void idf_stop_held(esp_netif_t *interface); // by who holds lwIP's lock
void idf_connected(esp_netif_t *interface);
void idf_disconnected(esp_netif_t *interface);
bool idf_is_added(esp_netif_t *interface);

// A frame comes to its driver, in the task that calls; nothing happens while it is stopped.
void idf_receive(esp_netif_t *interface, const frame_t *frame);
// What was sent since the last look; the oldest first, but no more than SENT_MAX. False: nothing.
bool idf_take_sent(esp_netif_t *interface, frame_t *frame);
unsigned idf_sent(esp_netif_t *interface); // ever
// Whether the driver has no room.
void idf_set_full(esp_netif_t *interface, bool is_full);

// The radio's own network: what it would be switched on with, and whether the driver takes nothing.
extern wifi_mode_t idf_wifi_mode;
extern wifi_config_t idf_wifi_config;
extern bool idf_wifi_refuses;

// The partition "vfs", of four blocks; whether it takes or gives nothing.
extern uint8_t idf_flash[4][4096];
extern bool idf_flash_fails;

extern atomic_int idf_lent;      // received buffers that were not given back
extern atomic_uint idf_messages; // that lwIP's task has dealt with
extern atomic_uint idf_wakes;
extern bool idf_generator_is_stuck; // the hardware's

#endif
