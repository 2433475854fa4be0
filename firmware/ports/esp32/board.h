// The board around the packet path: its start, its console's line.
#ifndef ESP32_BOARD_H
#define ESP32_BOARD_H

#include <stdbool.h>
#include <stddef.h>

// MICROPY_BOARD_STARTUP of every board here: in app_main(), before Python's task and heap are there.
void board_startup(void);
// In Python's task, before anything reads or writes: the console's driver. False: no memory.
bool console_start(void);
// Internal RAM that is free now, and the least that was ever free.
size_t memory_internal_free(void);
size_t memory_internal_least(void);

#endif
