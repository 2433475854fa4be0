// _board.Flash on the flash partition "vfs": the same as of the emulated boards (../virt/flash.c), with blocks that are erased.
#include "../virt/flash.h"

#include "extmod/vfs.h"
#include "flash_blocks.h"
#include "py/mperrno.h"
#include "py/runtime.h"

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    if (!blocks_init()) {
        mp_raise_OSError(MP_ENODEV);
    }
    return MP_OBJ_FROM_PTR(mp_obj_malloc(mp_obj_base_t, type));
}

static mp_obj_t result_of(blocks_status_t status) {
    static const int8_t errors[] = {[BLOCKS_OK] = 0, [BLOCKS_OUTSIDE] = -MP_EINVAL, [BLOCKS_FAILED] = -MP_EIO};
    return MP_OBJ_NEW_SMALL_INT(errors[status]);
}

static mp_obj_t move_blocks(bool write, size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, write ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    const mp_int_t block = mp_obj_get_int(args[1]);
    const mp_int_t offset = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    if (!write) {
        return result_of(blocks_read(block, offset, buffer.buf, buffer.len));
    }
    return result_of(n_args > 3 ? blocks_write(block, offset, buffer.buf, buffer.len)
                                : blocks_replace(block, buffer.buf, buffer.len));
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(false, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(true, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t operation, mp_obj_t argument) {
    (void)self;
    switch (mp_obj_get_int(operation)) {
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return MP_OBJ_NEW_SMALL_INT(blocks_count());
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(FLASH_BLOCK_LEN);
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
        return result_of(blocks_erase(mp_obj_get_int(argument)));
    case MP_BLOCKDEV_IOCTL_INIT:
    case MP_BLOCKDEV_IOCTL_DEINIT:
    case MP_BLOCKDEV_IOCTL_SYNC:
        return MP_OBJ_NEW_SMALL_INT(0);
    default:
        return mp_const_none;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_3(flash_ioctl_obj, flash_ioctl);

static const mp_rom_map_elem_t flash_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_readblocks), MP_ROM_PTR(&flash_readblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_writeblocks), MP_ROM_PTR(&flash_writeblocks_obj)},
    {MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&flash_ioctl_obj)},
};
static MP_DEFINE_CONST_DICT(flash_locals, flash_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(flash_type, MP_QSTR_Flash, MP_TYPE_FLAG_NONE, make_new, flash_make_new, locals_dict,
                         &flash_locals);
