// The state of a Gate.
#ifndef BIND_GATE_H
#define BIND_GATE_H

#include "bind.h"
#include "wg_gate.h"

typedef struct {
    bind_state_t state;
    wg_gate_t gate;
} bind_gate_t;

#endif
