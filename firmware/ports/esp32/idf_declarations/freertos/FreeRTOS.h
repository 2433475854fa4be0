// Stands for components/freertos/FreeRTOS-Kernel/include/freertos/FreeRTOS.h, with portmacro.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_FREERTOS_FREERTOS_H
#define DECLARED_FREERTOS_FREERTOS_H

#include <stdint.h>

#include "esp_err.h"

typedef int BaseType_t;
typedef unsigned UBaseType_t;
typedef uint32_t TickType_t;
typedef uint8_t StackType_t;

#define pdFALSE 0
#define pdTRUE 1
#define configTICK_RATE_HZ 1000 // sdkconfig.common
#define pdMS_TO_TICKS(ms) ((TickType_t)((uint64_t)(ms) * configTICK_RATE_HZ / 1000))

typedef struct {
    uint32_t owner, count;
} portMUX_TYPE;
#define portMUX_INITIALIZER_UNLOCKED {0xb33fffff, 0}

void vPortEnterCritical(portMUX_TYPE *mux);
void vPortExitCritical(portMUX_TYPE *mux);
#define portENTER_CRITICAL(mux) vPortEnterCritical(mux)
#define portEXIT_CRITICAL(mux) vPortExitCritical(mux)

#endif
