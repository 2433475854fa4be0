// Stands for components/esp_rom/include/esp_rom_sys.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_ESP_ROM_SYS_H
#define DECLARED_ESP_ROM_SYS_H

int esp_rom_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
