// Stands for components/lwip/port/include/arch/cc.h of ESP-IDF 5.4.2: what is used of it.
#ifndef DECLARED_LWIP_ARCH_CC_H
#define DECLARED_LWIP_ARCH_CC_H

#include <stdint.h>
#include <sys/types.h>

#ifndef BYTE_ORDER
#define BYTE_ORDER LITTLE_ENDIAN
#endif
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(message)

typedef int sys_prot_t;
uint32_t esp_random(void);
#define LWIP_RAND() esp_random()

#endif
