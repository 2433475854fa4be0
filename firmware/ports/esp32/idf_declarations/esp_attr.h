// Stands for components/esp_common/include/esp_attr.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_ATTR_H
#define DECLARED_ESP_ATTR_H

// Sections of the linker scripts: code in internal RAM, constants in it, RTC memory that start-up does not clear.
#define IRAM_ATTR __attribute__((section(".iram1")))
#define DRAM_ATTR __attribute__((section(".dram1")))
#define RTC_NOINIT_ATTR __attribute__((section(".rtc_noinit")))

#endif
