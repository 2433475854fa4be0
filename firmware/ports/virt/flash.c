// The disk in blocks of 4096 bytes, as the flash of a board has. No block is erased: a sector is simply written over.
#include "flash.h"

#include <string.h>

#include "block.h"
#include "extmod/vfs.h"
#include "py/mperrno.h"
#include "py/runtime.h"

#define BLOCK_LEN 4096

/// class Flash:
///     """A block device for vfs.VfsLfs2: the disk in blocks of 4096 bytes, read and written at any offset.
///
///     What is written stays when the machine is killed; ioctl 3 (sync) lets its host write it to storage too."""
///     def __init__(self) -> None:
///         """OSError ENODEV: the machine has no disk."""
static mp_obj_t flash_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    if (block_sectors() < BLOCK_LEN / BLOCK_SECTOR) {
        mp_raise_OSError(MP_ENODEV);
    }
    return MP_OBJ_FROM_PTR(mp_obj_malloc(mp_obj_base_t, type));
}

// A part of one sector, through a sector of our own, which is wiped: the box's key can be in it.
static bool move_part(bool write, uint32_t sector, size_t offset, uint8_t *data, size_t len) {
    static uint8_t whole[BLOCK_SECTOR];
    bool done = block_read(sector, whole, sizeof(whole));
    if (done && write) {
        memcpy(whole + offset, data, len);
        done = block_write(sector, whole, sizeof(whole));
    } else if (done) {
        memcpy(data, whole + offset, len);
    }
    memset(whole, 0, sizeof(whole));
    return done;
}

// Bytes at any place of the disk: whole sectors directly, what is left at both ends by parts.
static bool move(bool write, uint64_t place, uint8_t *data, size_t len) {
    while (len > 0) {
        const uint32_t sector = (uint32_t)(place / BLOCK_SECTOR);
        const size_t offset = (size_t)(place % BLOCK_SECTOR);
        size_t count;
        bool done;
        if (offset == 0 && len >= BLOCK_SECTOR) {
            count = len - len % BLOCK_SECTOR;
            done = write ? block_write(sector, data, count) : block_read(sector, data, count);
        } else {
            count = BLOCK_SECTOR - offset < len ? BLOCK_SECTOR - offset : len;
            done = move_part(write, sector, offset, data, count);
        }
        if (!done) {
            return false;
        }
        place += count;
        data += count;
        len -= count;
    }
    return true;
}

static mp_obj_t move_blocks(bool write, size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[2], &buffer, write ? MP_BUFFER_READ : MP_BUFFER_WRITE);
    const mp_int_t block = mp_obj_get_int(args[1]);
    const mp_int_t offset = n_args > 3 ? mp_obj_get_int(args[3]) : 0;
    const uint64_t disk_len = (uint64_t)block_sectors() * BLOCK_SECTOR;
    if (block < 0 || offset < 0 || (uint64_t)block * BLOCK_LEN + (uint64_t)offset + buffer.len > disk_len) {
        return MP_OBJ_NEW_SMALL_INT(-MP_EINVAL);
    }
    return MP_OBJ_NEW_SMALL_INT(
        move(write, (uint64_t)block * BLOCK_LEN + (uint64_t)offset, buffer.buf, buffer.len) ? 0 : -MP_EIO);
}

///     def readblocks(self, block: int, buffer: WriteableBuffer, offset: int = 0) -> int:
///         """0, or minus an error number."""
static mp_obj_t flash_readblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(false, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_readblocks_obj, 3, 4, flash_readblocks);

///     def writeblocks(self, block: int, buffer: ReadableBuffer, offset: int = 0) -> int:
///         """0, or minus an error number."""
static mp_obj_t flash_writeblocks(size_t n_args, const mp_obj_t *args) {
    return move_blocks(true, n_args, args);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(flash_writeblocks_obj, 3, 4, flash_writeblocks);

///     def ioctl(self, operation: int, argument: int) -> Optional[int]:
///         """As vfs.AbstractBlockDev has it."""
static mp_obj_t flash_ioctl(mp_obj_t self, mp_obj_t operation, mp_obj_t argument) {
    (void)self;
    (void)argument;
    switch (mp_obj_get_int(operation)) {
    case MP_BLOCKDEV_IOCTL_SYNC:
        return MP_OBJ_NEW_SMALL_INT(block_flush() ? 0 : -MP_EIO);
    case MP_BLOCKDEV_IOCTL_BLOCK_COUNT:
        return MP_OBJ_NEW_SMALL_INT(block_sectors() / (BLOCK_LEN / BLOCK_SECTOR));
    case MP_BLOCKDEV_IOCTL_BLOCK_SIZE:
        return MP_OBJ_NEW_SMALL_INT(BLOCK_LEN);
    case MP_BLOCKDEV_IOCTL_INIT:
    case MP_BLOCKDEV_IOCTL_DEINIT:
    case MP_BLOCKDEV_IOCTL_BLOCK_ERASE:
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
