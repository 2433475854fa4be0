// lwIP's view of the compiler of the native tests.
#ifndef TEST_ARCH_CC_H
#define TEST_ARCH_CC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LWIP_NO_UNISTD_H 1

#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message)                                                                                  \
    do {                                                                                                               \
        printf("%s:%d: lwIP: %s\n", __FILE__, __LINE__, message);                                                      \
        abort();                                                                                                       \
    } while (0)

#define LWIP_RAND() lwip_random()
uint32_t lwip_random(void);

#endif
