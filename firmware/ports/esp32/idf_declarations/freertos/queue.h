// Stands for components/freertos/FreeRTOS-Kernel/include/freertos/queue.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_FREERTOS_QUEUE_H
#define DECLARED_FREERTOS_QUEUE_H

#include "freertos/FreeRTOS.h"

typedef struct QueueDefinition *QueueHandle_t;

#endif
