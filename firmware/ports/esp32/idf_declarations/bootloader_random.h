// Stands for components/bootloader_support/include/bootloader_random.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_BOOTLOADER_RANDOM_H
#define DECLARED_BOOTLOADER_RANDOM_H

// The SAR ADC as the source of the hardware generator: not while the radio, I2S or the ADC is used.
void bootloader_random_enable(void);
void bootloader_random_disable(void);

#endif
