// The console's bytes, in front of whatever reads them: the device program, or the prompt of a development build.
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Take what the wire holds into the ring; what does not fit waits in the wire.
void console_poll(void);
bool console_ready(void);
// Bytes moved; never waits.
size_t console_read(uint8_t *out, size_t len);
void console_write(const uint8_t *data, size_t len);

#endif
