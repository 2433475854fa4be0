// Stands for components/lwip/port/freertos/include/arch/sys_arch.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_LWIP_ARCH_SYS_ARCH_H
#define DECLARED_LWIP_ARCH_SYS_ARCH_H

#include "freertos/FreeRTOS.h"
#include "freertos/semphr.h"
#include "freertos/task.h"

typedef SemaphoreHandle_t sys_sem_t;
typedef SemaphoreHandle_t sys_mutex_t;
typedef TaskHandle_t sys_thread_t;
typedef struct sys_mbox_s *sys_mbox_t;

#define sys_sem_valid(sem) (*(sem) != NULL)
#define sys_sem_set_invalid(sem) (*(sem) = NULL)
#define sys_mbox_valid(mbox) (*(mbox) != NULL)
#define sys_mbox_set_invalid(mbox) (*(mbox) = NULL)

#endif
