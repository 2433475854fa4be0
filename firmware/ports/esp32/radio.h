// The radio, before MicroPython starts it.
#ifndef ESP32_RADIO_H
#define ESP32_RADIO_H

#include <stdbool.h>

// Have our own network be closed from the moment that it is switched on: see radio.c. After network.WLAN() was called for the first
// time, and before the radio is started. False: the driver would not; then it is open until it has its settings.
bool radio_close_access_point(void);

#endif
