// Stands for components/esp_hw_support/include/esp_mac.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_MAC_H
#define DECLARED_ESP_MAC_H

#include <stdint.h>

#include "esp_err.h"

typedef enum {
    ESP_MAC_WIFI_STA,
    ESP_MAC_WIFI_SOFTAP,
    ESP_MAC_BT,
    ESP_MAC_ETH,
} esp_mac_type_t;

esp_err_t esp_read_mac(uint8_t *mac, esp_mac_type_t type);

#endif
