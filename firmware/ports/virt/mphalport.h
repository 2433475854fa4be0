#ifndef MPHALPORT_H
#define MPHALPORT_H

#include <stddef.h>
#include <stdint.h>

#include "shared/runtime/interrupt_char.h"

void hal_serve(void);
void hal_wait(mp_uint_t timeout_ms);

#define MICROPY_INTERNAL_EVENT_HOOK hal_serve()
#define MICROPY_INTERNAL_WFE(timeout_ms) hal_wait((mp_uint_t)(timeout_ms))

#endif
