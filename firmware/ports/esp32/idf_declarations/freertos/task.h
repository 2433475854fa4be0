// Stands for components/freertos/FreeRTOS-Kernel/include/freertos/task.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_FREERTOS_TASK_H
#define DECLARED_FREERTOS_TASK_H

#include "freertos/FreeRTOS.h"

typedef struct tskTaskControlBlock *TaskHandle_t;

TaskHandle_t xTaskGetCurrentTaskHandle(void);
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task); // in StackType_t
void vTaskDelay(TickType_t ticks);

typedef enum { eNoAction, eSetBits, eIncrement } eNotifyAction;
BaseType_t xTaskGenericNotify(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action,
                              uint32_t *previous);
uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks);
#define xTaskNotifyGive(task) xTaskGenericNotify(task, 0, 0, eIncrement, 0)
#define ulTaskNotifyTake(clear_on_exit, ticks) ulTaskGenericNotifyTake(0, clear_on_exit, ticks)

#endif
