// The port has no clock, and LittleFS stamps its files with the time.

#include "py/mphal.h"

uint64_t mp_hal_time_ns(void);

uint64_t mp_hal_time_ns(void) {
    return 0;
}
