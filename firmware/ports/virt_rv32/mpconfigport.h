#define UNDERTOW_BOARD "virt_rv32"
#define MICROPY_HW_MCU_NAME "rv32imac"

#define UINT_FMT "%lu"
#define INT_FMT "%ld"

#include "mpconfigport_common.h"
