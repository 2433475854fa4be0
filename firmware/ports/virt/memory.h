// Sizes of the firmware and its memory, from the linker script.
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>
#include <stdint.h>

size_t memory_code(void); // bytes of code and constants
size_t memory_ram(void);  // bytes of everything else, stack and heap with it
// Fill what is not used of the stack, to see later how deep it went; once, at start-up.
void memory_watch_stack(void);
// The least that was ever left of the stack, in bytes.
size_t memory_stack_left(void);
size_t memory_stack_size(void);

#endif
