// Stands for components/soc/*/register/soc/gpio_reg.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_SOC_GPIO_REG_H
#define DECLARED_SOC_GPIO_REG_H

// The address is each chip's own; MicroPython reads pins by it, in functions that nothing here calls.
#define GPIO_OUT_REG 0x3ff44004

#endif
