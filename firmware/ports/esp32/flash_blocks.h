// The disk's partition in blocks that are erased, for the block device in flash.c.
#ifndef ESP32_FLASH_BLOCKS_H
#define ESP32_FLASH_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLASH_BLOCK_LEN 4096

typedef enum { BLOCKS_OK, BLOCKS_OUTSIDE, BLOCKS_FAILED } blocks_status_t;

// Find the partition. False: there is none.
bool blocks_init(void);
unsigned blocks_count(void);
// From an offset within, or behind, a block on.
blocks_status_t blocks_read(int64_t block, int64_t offset, uint8_t *out, size_t len);
// To a place that was erased before.
blocks_status_t blocks_write(int64_t block, int64_t offset, const uint8_t *data, size_t len);
// Whole blocks, which are erased first.
blocks_status_t blocks_replace(int64_t block, const uint8_t *data, size_t len);
blocks_status_t blocks_erase(int64_t block);

#endif
