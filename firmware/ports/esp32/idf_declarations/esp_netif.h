// Stands for components/esp_netif/include/esp_netif.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_NETIF_H
#define DECLARED_ESP_NETIF_H

#include "esp_err.h"

typedef struct esp_netif_obj esp_netif_t;

esp_err_t esp_netif_init(void);
esp_netif_t *esp_netif_get_handle_from_ifkey(const char *if_key);
esp_err_t esp_netif_set_default_netif(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcpc_stop(esp_netif_t *esp_netif);
esp_err_t esp_netif_dhcps_stop(esp_netif_t *esp_netif);

#endif
