// lwIP as the boards have it (firmware/ports/virt/lwip), with its assertions and in the width of this machine.
#ifndef TEST_LWIPOPTS_H
#define TEST_LWIPOPTS_H

#include "../../../firmware/ports/virt/lwip/lwipopts.h"

#undef LWIP_NOASSERT
#undef MEM_ALIGNMENT
#define MEM_ALIGNMENT 8

#endif
