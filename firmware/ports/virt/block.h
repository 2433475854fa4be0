// The disk: a virtio block device (virtio 1.1, section 5.2). One request at a time, waited for.
#ifndef BLOCK_H
#define BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_SECTOR 512

// False: the machine has none.
bool block_init(void);
// Sectors of 512 bytes; 0: there is no disk.
uint32_t block_sectors(void);
// Read or write whole sectors. When a write returns, the disk's file holds it. False: there is no disk, or it failed.
bool block_read(uint32_t sector, uint8_t *out, size_t len);
bool block_write(uint32_t sector, const uint8_t *data, size_t len);
// Let the machine's own system write it to its storage, too.
bool block_flush(void);

#endif
