// lwIP's view of the compiler: types and byte order are found by lwIP itself.
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_LIMITS_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

#define X8_F "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "lu"
#define S32_F "ld"
#define X32_F "lx"
#define SZT_F "u"

#define BYTE_ORDER LITTLE_ENDIAN

// lwIP has nobody to talk to. What it knows to be impossible ends in a reset, before memory is harmed.
#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message) network_fault(message)
void network_fault(const char *message) __attribute__((noreturn));

uint32_t entropy_number(void);
#define LWIP_RAND() entropy_number()

#endif
