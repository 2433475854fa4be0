#define UNDERTOW_BOARD "virt_xtensa"
#define MICROPY_HW_MCU_NAME "dc233c"

// With windows of registers only the board's own setjmp() can jump.
#define MICROPY_NLR_SETJMP (1)
#define MICROPY_EMIT_XTENSAWIN (UNDERTOW_DEV)

#define UINT_FMT "%u"
#define INT_FMT "%d"

#include "mpconfigport_common.h"
