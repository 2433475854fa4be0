// Stands for components/esp_timer/include/esp_timer.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_TIMER_H
#define DECLARED_ESP_TIMER_H

#include <stdint.h>

int64_t esp_timer_get_time(void); // microseconds since the start

#endif
