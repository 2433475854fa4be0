// Stands for components/esp_hw_support/include/esp_random.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_RANDOM_H
#define DECLARED_ESP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

uint32_t esp_random(void);
void esp_fill_random(void *buf, size_t len);

#endif
