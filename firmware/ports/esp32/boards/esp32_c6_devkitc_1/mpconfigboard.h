#define MICROPY_HW_MCU_NAME "ESP32C6"
#include "../../mpconfigboard_common.h"
