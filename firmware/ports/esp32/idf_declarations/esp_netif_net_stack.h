// Stands for components/esp_netif/include/esp_netif_net_stack.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_NETIF_NET_STACK_H
#define DECLARED_ESP_NETIF_NET_STACK_H

#include "esp_netif.h"

void *esp_netif_get_netif_impl(esp_netif_t *esp_netif); // lwIP's struct netif

#endif
