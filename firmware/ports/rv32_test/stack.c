// How deep Python may go on this board: the port's main() asks for 10 KB, virt.ld gives 1 MB.

#include "py/stackctrl.h"

// Below the end of the stack by what C needs under the deepest Python frame.
#define STACK_LIMIT (960 * 1024)

void __real_mp_stack_set_limit(mp_uint_t limit);
void __wrap_mp_stack_set_limit(mp_uint_t limit);

void __wrap_mp_stack_set_limit(mp_uint_t limit) {
    (void)limit;
    __real_mp_stack_set_limit(STACK_LIMIT);
}
