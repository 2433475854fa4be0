// The machine's generator: a virtio entropy device (virtio 1.1, section 5.4). There is no other source.
#ifndef ENTROPY_H
#define ENTROPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void entropy_init(void);
bool entropy_is_there(void);
// Bytes fit for keys; false: there is no generator, or it gave nothing for a second, and out is zeroed.
bool entropy_fill(uint8_t *out, size_t len);
// For what has to differ and need not be secret (transaction ids, ports): also without a generator.
uint32_t entropy_number(void);

#endif
