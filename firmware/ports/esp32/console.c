// The console's bytes: by UART0, or by the chip's own USB. In a release the drivers are ours, with more room than MicroPython's
// 260 bytes, which collecting garbage outlasts at 115200 baud, and nothing on the line can interrupt the program. A development
// build leaves the line to MicroPython, for its prompt.
#include "../virt/console.h"

#include "board.h"
#include "board_pins.h"
#include "lwpath_port.h"
#include "py/mphal.h"
#include "py/mpstate.h"

#if UNDERTOW_DEV

bool console_start(void) {
    return true;
}

static size_t take(uint8_t *out, size_t len) {
    size_t count = 0;
    for (int byte; count < len && (byte = ringbuf_get(&stdin_ringbuf)) >= 0;) {
        out[count++] = (uint8_t)byte;
    }
    return count;
}

static bool anything_waits(void) {
    // Ctrl-C is no byte, but whoever polls must come back for it.
    return ringbuf_peek(&stdin_ringbuf) >= 0 || MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

void console_write(const uint8_t *data, size_t len) {
    (void)mp_hal_stdout_tx_strn((const char *)data, len);
}

#elif BOARD_CONSOLE_IS_USB

#include "driver/usb_serial_jtag.h"

#define ROOM 2048
#define PATIENCE_MS 200 // nobody may be there to take it

static uint8_t peeked[64];
static size_t peeked_len, peeked_at;

bool console_start(void) {
    usb_serial_jtag_driver_config_t config = {.tx_buffer_size = ROOM, .rx_buffer_size = ROOM};
    return usb_serial_jtag_driver_install(&config) == ESP_OK;
}

// The driver does not say how much it has.
static bool anything_waits(void) {
    if (peeked_at == peeked_len) {
        int len = usb_serial_jtag_read_bytes(peeked, sizeof peeked, 0);
        peeked_len = len > 0 ? (size_t)len : 0;
        peeked_at = 0;
    }
    return peeked_at < peeked_len;
}

static size_t take(uint8_t *out, size_t len) {
    size_t count = 0;
    while (count < len && anything_waits()) {
        out[count++] = peeked[peeked_at];
        peeked[peeked_at++] = 0; // it can be a part of a key
    }
    return count;
}

void console_write(const uint8_t *data, size_t len) {
    while (len > 0) {
        int sent = usb_serial_jtag_write_bytes(data, len, pdMS_TO_TICKS(PATIENCE_MS));
        if (sent <= 0) {
            return;
        }
        data += sent;
        len -= (size_t)sent;
    }
}

#else

#include "driver/uart.h"

#define PORT UART_NUM_0
#define BAUD 115200
#define ROOM 2048

bool console_start(void) {
    const uart_config_t config = {
        .baud_rate = BAUD,
        .data_bits = UART_DATA_8_BITS,
        .parity = UART_PARITY_DISABLE,
        .stop_bits = UART_STOP_BITS_1,
        .flow_ctrl = UART_HW_FLOWCTRL_DISABLE,
        .source_clk = UART_SCLK_DEFAULT,
    };
    // Without a ring for sending it waits until the wire has taken everything, as the protocol's ends expect.
    return uart_driver_install(PORT, ROOM, 0, 0, NULL, 0) == ESP_OK && uart_param_config(PORT, &config) == ESP_OK;
}

static bool anything_waits(void) {
    size_t len = 0;
    return uart_get_buffered_data_len(PORT, &len) == ESP_OK && len > 0;
}

static size_t take(uint8_t *out, size_t len) {
    int count = uart_read_bytes(PORT, out, (uint32_t)len, 0);
    return count > 0 ? (size_t)count : 0;
}

void console_write(const uint8_t *data, size_t len) {
    (void)uart_write_bytes(PORT, data, len);
}

#endif

#if !UNDERTOW_DEV
// In place of MicroPython's (--wrap), which has no line.
mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *text, size_t len);
mp_uint_t __wrap_mp_hal_stdout_tx_strn(const char *text, size_t len) {
    console_write((const uint8_t *)text, len);
    return len;
}
#endif

void console_poll(void) {
}

bool console_ready(void) {
    return anything_waits();
}

size_t console_read(uint8_t *out, size_t len) {
    return take(out, len);
}

bool port_console_ready(void) {
    return console_ready();
}
