// Stands for components/esp_driver_spi/include/driver/spi_master.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_DRIVER_SPI_MASTER_H
#define DECLARED_DRIVER_SPI_MASTER_H

typedef int spi_host_device_t; // an enumeration there

#endif
