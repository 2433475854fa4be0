// What every board here has in common for MicroPython; a board's own mpconfigboard.h includes it.
#ifndef MPCONFIGBOARD_COMMON_H
#define MPCONFIGBOARD_COMMON_H

#include "board_pins.h"

#define MICROPY_HW_BOARD_NAME BOARD_TITLE

void board_startup(void); // board.c: the packet path is closed around every interface before Python is there
#define MICROPY_BOARD_STARTUP board_startup

// Python's heap at the start. It grows, but not into what the radio needs (memory.c).
#ifndef MICROPY_GC_INITIAL_HEAP_SIZE // definitions.esp32.txt
#define MICROPY_GC_INITIAL_HEAP_SIZE (96 * 1024)
#endif

// What the box has no use for, and code that strangers could reach.
#define MICROPY_PY_BLUETOOTH (0)
#define MICROPY_PY_ESPNOW (0)
#define MICROPY_HW_ENABLE_MDNS_QUERIES (0)
#define MICROPY_HW_ENABLE_MDNS_RESPONDER (0)
#define MICROPY_HW_ENABLE_SDCARD (0)
#define MICROPY_HW_ENABLE_USBDEV (0)
#define MICROPY_HW_USB_CDC (0)

#if !UNDERTOW_DEV
// The line is the console's (console.c): no prompt, no Ctrl-C.
#define MICROPY_HW_ENABLE_UART_REPL (0)
#define MICROPY_HW_ESP_USB_SERIAL_JTAG (0)
#endif

#endif
