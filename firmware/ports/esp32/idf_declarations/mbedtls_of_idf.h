// Stands for components/mbedtls/port/include/mbedtls/esp_config.h of ESP-IDF 5.4.2 with ../sdkconfig.common: what of Mbed TLS our C
// sees there and not in the other builds. It has more of it, for the radio and for others.
#ifndef DECLARED_MBEDTLS_OF_IDF_H
#define DECLARED_MBEDTLS_OF_IDF_H

#define CR_TLS_SMALL 1 // CONFIG_MBEDTLS_SSL_IN_CONTENT_LEN, _OUT_CONTENT_LEN
#include "cr_mbedtls.h"

// Memory by mbedtls_platform_set_calloc_free() (CONFIG_MBEDTLS_CUSTOM_MEM_ALLOC), and its own generator.
#undef MBEDTLS_PLATFORM_CALLOC_MACRO
#undef MBEDTLS_PLATFORM_FREE_MACRO
#undef MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#undef MBEDTLS_PLATFORM_SNPRINTF_MACRO
#undef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#undef MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_ENTROPY_HARDWARE_ALT
#define MBEDTLS_NO_PLATFORM_ENTROPY

#endif
