// Stands for components/nvs_flash/include/nvs_flash.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_NVS_FLASH_H
#define DECLARED_NVS_FLASH_H

#include "esp_err.h"

esp_err_t nvs_flash_init(void);

#endif
