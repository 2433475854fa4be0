// Stands for components/esp_system/include/esp_system.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_SYSTEM_H
#define DECLARED_ESP_SYSTEM_H

#include <stdint.h>

#include "esp_err.h"

// In the order of the header: its numbers are kept by nobody.
typedef enum {
    ESP_RST_UNKNOWN,
    ESP_RST_POWERON,
    ESP_RST_EXT,
    ESP_RST_SW,
    ESP_RST_PANIC,
    ESP_RST_INT_WDT,
    ESP_RST_TASK_WDT,
    ESP_RST_WDT,
    ESP_RST_DEEPSLEEP,
    ESP_RST_BROWNOUT,
} esp_reset_reason_t;

esp_reset_reason_t esp_reset_reason(void);
void esp_restart(void) __attribute__((__noreturn__));

#endif
