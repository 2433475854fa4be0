// Who gets how much of the internal RAM: Python's heap grows, but leaves to the radio, lwIP and our tables what they need.
#include "../virt/memory.h"

#include "board.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "py/mpconfig.h"

// The radio's buffers that come and go, at their peak (sdkconfig.common: 44 + 24 of 1.6 KB), and lwIP's messages.
#ifndef MEMORY_RESERVE
#define MEMORY_RESERVE (116 * 1024)
#endif
#define RESERVE MEMORY_RESERVE
#define INTERNAL (MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT)

// The linker's: code and constants in flash.
extern char _instruction_reserved_start, _instruction_reserved_end, _rodata_reserved_start, _rodata_reserved_end;

size_t memory_code(void) {
    return (size_t)(&_instruction_reserved_end - &_instruction_reserved_start) +
           (size_t)(&_rodata_reserved_end - &_rodata_reserved_start);
}

size_t memory_ram(void) {
    return heap_caps_get_total_size(INTERNAL);
}

size_t memory_stack_size(void) {
    return MICROPY_TASK_STACK_SIZE;
}

size_t memory_stack_left(void) {
    return uxTaskGetStackHighWaterMark(NULL) * sizeof(StackType_t);
}

void memory_watch_stack(void) {
    // FreeRTOS fills each stack.
}

size_t memory_internal_free(void) {
    return heap_caps_get_free_size(INTERNAL);
}

size_t memory_internal_least(void) {
    return heap_caps_get_minimum_free_size(INTERNAL);
}

// In place of MicroPython's (--wrap): how much its heap may take when it grows.
size_t __wrap_gc_get_max_new_split(void);
size_t __wrap_gc_get_max_new_split(void) {
    const size_t largest = heap_caps_get_largest_free_block(MALLOC_CAP_DEFAULT);
    if (largest > heap_caps_get_largest_free_block(INTERNAL)) {
        return largest; // that is PSRAM
    }
    const size_t left = heap_caps_get_free_size(INTERNAL);
    if (left <= RESERVE) {
        return 0;
    }
    return largest < left - RESERVE ? largest : left - RESERVE;
}

// The tunnel's tables: lwIP's task reads them for each packet, and PSRAM is slow.
void *port_allocate(size_t size);
void port_free(void *memory);

void *port_allocate(size_t size) {
    return heap_caps_calloc(1, size, INTERNAL);
}

void port_free(void *memory) {
    heap_caps_free(memory);
}
