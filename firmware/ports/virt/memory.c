#include "memory.h"

#define UNUSED 0x7fe57ac0u
// What the function that fills the stack needs itself, with what is below a stack pointer on Xtensa.
#define MARGIN 256

// The linker script's.
extern char _code_start, _code_end, _ram_start, _ram_end;
extern uint32_t _stack_start, _stack_end;

size_t memory_code(void) {
    return (size_t)(&_code_end - &_code_start);
}

size_t memory_ram(void) {
    return (size_t)(&_ram_end - &_ram_start);
}

size_t memory_stack_size(void) {
    return (size_t)(&_stack_end - &_stack_start) * sizeof(uint32_t);
}

void memory_watch_stack(void) {
    const uintptr_t used = (uintptr_t)__builtin_frame_address(0) - MARGIN;
    for (volatile uint32_t *word = &_stack_start; (uintptr_t)word < used; word++) {
        *word = UNUSED;
    }
}

size_t memory_stack_left(void) {
    const uint32_t *word = &_stack_start;
    while (word < &_stack_end && *word == UNUSED) {
        word++;
    }
    return (size_t)(word - &_stack_start) * sizeof(uint32_t);
}
