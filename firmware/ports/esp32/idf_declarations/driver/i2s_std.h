// Stands for components/esp_driver_i2s/include/driver/i2s_std.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_DRIVER_I2S_STD_H
#define DECLARED_DRIVER_I2S_STD_H

// MicroPython includes it; nothing of it is used here.

#endif
