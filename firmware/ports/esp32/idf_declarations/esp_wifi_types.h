// Stands for components/esp_wifi/include/esp_wifi_types.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_WIFI_TYPES_H
#define DECLARED_ESP_WIFI_TYPES_H

// MicroPython includes it; nothing of it is used here.

#endif
