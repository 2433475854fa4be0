// The state of a Shape.
#ifndef BIND_SHAPE_H
#define BIND_SHAPE_H

#include "bind.h"
#include "wg_shape.h"

typedef struct {
    bind_state_t state;
    wg_shape_t shape;
} bind_shape_t;

#endif
