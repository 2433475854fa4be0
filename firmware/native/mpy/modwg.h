// The C structs behind _wg's objects, for other modules of the same build. Neither module may touch them from a finaliser:
// the object may be freed before.
#ifndef MODWG_H
#define MODWG_H

#include "py/obj.h"
#include "wg_gate.h"
#include "wg_shape.h"
#include "wg_tunnel.h"

// TypeError: another object. ValueError: it was wiped. The pointer holds as long as the object is referred to; a wiped tunnel
// has no peers, so that whoever kept its pointer finds nothing in it.
wg_tunnel_t *wg_mpy_tunnel(mp_obj_t tunnel);
wg_gate_t *wg_mpy_gate(mp_obj_t gate);
wg_shape_t *wg_mpy_shape(mp_obj_t shape);

#endif
