// Stands for components/esp_hw_support/include/esp_sleep.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_SLEEP_H
#define DECLARED_ESP_SLEEP_H

void esp_deep_sleep_start(void) __attribute__((__noreturn__));

#endif
