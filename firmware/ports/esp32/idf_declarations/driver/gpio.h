// Stands for components/esp_driver_gpio/include/driver/gpio.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_DRIVER_GPIO_H
#define DECLARED_DRIVER_GPIO_H

#include <stdint.h>

#include "esp_err.h"

typedef int gpio_num_t; // an enumeration there
typedef enum { GPIO_MODE_INPUT = 1, GPIO_MODE_INPUT_OUTPUT = 3, GPIO_MODE_INPUT_OUTPUT_OD = 7 } gpio_mode_t;

esp_err_t gpio_set_direction(gpio_num_t gpio_num, gpio_mode_t mode);
esp_err_t gpio_set_level(gpio_num_t gpio_num, uint32_t level);
int gpio_get_level(gpio_num_t gpio_num);
void esp_rom_gpio_pad_select_gpio(uint32_t iopad_num); // esp_rom_gpio.h, which it includes

#endif
