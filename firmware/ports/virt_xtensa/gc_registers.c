// What the garbage collector has to look at: with windows of registers that is the stack alone, once all have been written there.

#include "py/gc.h"
#include "shared/runtime/gchelper.h"

extern char _stack_end; // the linker script's

uintptr_t cpu_spill(void); // windows.s

void gc_helper_collect_regs_and_stack(void) {
    const uintptr_t start = cpu_spill();
    gc_collect_root((void **)start, ((uintptr_t)&_stack_end - start) / sizeof(uintptr_t));
}
