// The device program: main() of the frozen module main. Also that of real boards (../esp32).
#ifndef DEVICE_PROGRAM_H
#define DEVICE_PROGRAM_H

#include "py/obj.h"

// Modules come from the firmware alone from now on: no file can take the place of one.
void device_program_prepare(void);
// Run it to its end: the exception that ended it; NULL: it returned.
mp_obj_base_t *device_program_run(void);
// It should not have ended. Note a crash, say what it was in one line, on the console and for after the reset, which is the
// caller's to do; the watchdog is off.
void device_program_crash(mp_obj_base_t *exception);

#endif
