// Frames on their way from the drivers' tasks to lwIP's. A driver's task does as good as nothing: it puts the frame into a ring and
// posts one message, which is made once; lwIP's task takes frames in batches, and pauses in a flood, so that Python's is heard.
#ifndef ESP32_INTAKE_H
#define ESP32_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "lwip/netif.h"

// Once, when lwIP's task runs. False: no memory.
bool intake_init(void);
// Give back what waits. With lwIP's lock: the interface goes away, and with it what its driver's buffers need.
void intake_forget(const struct netif *netif);

// Frames dropped since power-on because a ring was full, or because their interface was no side.
uint32_t intake_full(void);
uint32_t intake_denied(void);

#endif
