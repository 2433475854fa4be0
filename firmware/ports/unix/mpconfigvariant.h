// undertow-unix: what MicroPython has in it.

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// The unix port's own extras: posix files, os, time, big integers.
#include "variants/mpconfigvariant_common.h"
