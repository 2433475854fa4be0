// lwIP as the boards have it (firmware/ports/virt/lwip), with its assertions, in the width of this machine, and with memory that a
// sanitizer watches.
#ifndef TEST_LWIPOPTS_H
#define TEST_LWIPOPTS_H

#include "../../../firmware/ports/virt/lwip/lwipopts.h"

#undef LWIP_NOASSERT
#undef MEM_ALIGNMENT
#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1

#endif
