#include "flash_blocks.h"

#include "esp_partition.h"

static const esp_partition_t *partition;

bool blocks_init(void) {
    if (partition == NULL) {
        partition = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "vfs");
    }
    return partition != NULL;
}

unsigned blocks_count(void) {
    return (unsigned)(partition->size / FLASH_BLOCK_LEN);
}

// Where that is in the partition, if all of it is there.
static bool find(int64_t block, int64_t offset, size_t len, size_t *place) {
    const int64_t size = partition->size;
    if (block < 0 || offset < 0 || block > size / FLASH_BLOCK_LEN || offset > size || (int64_t)len > size) {
        return false;
    }
    const int64_t begin = block * FLASH_BLOCK_LEN + offset;
    *place = (size_t)begin;
    return begin + (int64_t)len <= size;
}

static blocks_status_t result_of(esp_err_t error) {
    return error == ESP_OK ? BLOCKS_OK : BLOCKS_FAILED;
}

blocks_status_t blocks_read(int64_t block, int64_t offset, uint8_t *out, size_t len) {
    size_t place;
    return find(block, offset, len, &place) ? result_of(esp_partition_read(partition, place, out, len))
                                            : BLOCKS_OUTSIDE;
}

blocks_status_t blocks_write(int64_t block, int64_t offset, const uint8_t *data, size_t len) {
    size_t place;
    return find(block, offset, len, &place) ? result_of(esp_partition_write(partition, place, data, len))
                                            : BLOCKS_OUTSIDE;
}

blocks_status_t blocks_replace(int64_t block, const uint8_t *data, size_t len) {
    size_t place;
    if (len % FLASH_BLOCK_LEN != 0 || !find(block, 0, len, &place)) {
        return BLOCKS_OUTSIDE;
    }
    esp_err_t error = esp_partition_erase_range(partition, place, len);
    return result_of(error == ESP_OK ? esp_partition_write(partition, place, data, len) : error);
}

blocks_status_t blocks_erase(int64_t block) {
    size_t place;
    return find(block, 0, FLASH_BLOCK_LEN, &place)
               ? result_of(esp_partition_erase_range(partition, place, FLASH_BLOCK_LEN))
               : BLOCKS_OUTSIDE;
}
