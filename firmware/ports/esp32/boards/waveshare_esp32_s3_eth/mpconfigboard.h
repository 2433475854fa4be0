#define MICROPY_HW_MCU_NAME "ESP32S3"
#include "../../mpconfigboard_common.h"
