// _board.Flash on the flash partition "vfs": the same as of the emulated boards (../virt/flash.c), with blocks that are erased.
#include "../virt/flash.h"

#include "esp_partition.h"
#include "extmod/vfs.h"
#include "py/mperrno.h"
#include "py/runtime.h"

#define BLOCK_LEN 4096

static const esp_partition_t *partition;

static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    if (partition == NULL) {
        partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "vfs");
    }
    if (partition == NULL) {
        mp_raise_OSError(MP_ENODEV);
    }
    return MP_OBJ_FROM_PTR(mp_obj_malloc(mp_obj_base_t, type));
}

static int result_of(esp_err_t error) {
    return error == ESP_OK ? 0 : -MP_EIO;
}

static mp_obj_t move_blocks(bool write, size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, write ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    const mp_int_t block = mp_obj_get_int(args[1]);
    const mp_int_t offset = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    if (block < 0 || offset < 0 || (uint64_t)block * BLOCK_LEN + (uint64_t)offset + buffer.len > partition->size) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    const size_t place = (size_t)block * BLOCK_LEN + (size_t)offset;
    esp_err_t error = ESP_OK;
    if (!write) {
        error = esp_partition_read(partition, place, buffer.buf, buffer.len);
    } else {
        if (n_args <= 3) { // whole blocks, not erased before
            if (buffer.len % BLOCK_LEN != 0) {
                return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
            }
            error = esp_partition_erase_range(partition, place, buffer.len);
        }
        if (error == ESP_OK) {
            error = esp_partition_write(partition, place, buffer.buf, buffer.len);
        }
    }
    return MP_OBJ_NEW_SMALL_INT(result_of(error));
}

static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(false, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(true, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

static int erase(mp_int_t block) {
    if (block < 0 || (uint64_t)block * BLOCK_LEN + BLOCK_LEN > partition->size) {
        return -MP_EINVAL;
    }
    return result_of(esp_partition_erase_range(partition, (size_t)block * BLOCK_LEN, BLOCK_LEN));
}

static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t operation, mp_obj_t argument) {
    (void)self;
    switch (mp_obj_get_int(operation)) {
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return MP_OBJ_NEW_SMALL_INT(partition->size / BLOCK_LEN);
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(BLOCK_LEN);
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
        return MP_OBJ_NEW_SMALL_INT(erase(mp_obj_get_int(argument)));
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
