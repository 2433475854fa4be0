// lwpath_poll() of this port (native/lwip/lwpath.h).
#ifndef ESP32_WAIT_H
#define ESP32_WAIT_H

// In MicroPython's task: it is the one to wake. lwpath_poll() does it, too.
void wait_init(void);

#endif
