// lwIP's lock as the one around everything that its task shares with MicroPython's (native/mpy/modlock.h).
#ifndef ESP32_LOCK_H
#define ESP32_LOCK_H

#include <stdbool.h>

// Once, when lwIP's task runs. False: no memory.
bool lock_init(void);

#endif
