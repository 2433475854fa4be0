// Stands for components/freertos/FreeRTOS-Kernel/include/freertos/semphr.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_FREERTOS_SEMPHR_H
#define DECLARED_FREERTOS_SEMPHR_H

#include "freertos/FreeRTOS.h"

typedef struct QueueDefinition *SemaphoreHandle_t;
typedef struct {
    uintptr_t opaque[24];
} StaticSemaphore_t;

#endif
