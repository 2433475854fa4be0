// _board.Flash: the disk as MicroPython's block device.
#ifndef FLASH_H
#define FLASH_H

#include "py/obj.h"

extern const mp_obj_type_t flash_type;

#endif
