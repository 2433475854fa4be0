// Stands for components/esp_common/include/esp_err.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_ERR_H
#define DECLARED_ESP_ERR_H

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_NOT_SUPPORTED 0x106
#define ESP_ERR_TIMEOUT 0x107

#endif
