// What MicroPython has in it on the emulated boards. A board's mpconfigport.h says its names and includes this.
#ifndef MPCONFIGPORT_COMMON_H
#define MPCONFIGPORT_COMMON_H

#include <alloca.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// The language.
#define MICROPY_ENABLE_GC (1)
#define MICROPY_STACK_CHECK (1)
#define MICROPY_STACK_CHECK_MARGIN (4096) // what C may need under the deepest Python frame
#define MICROPY_ENABLE_FINALISER (1)      // secrets are wiped when they are freed
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_NONE) // nothing here needs fractions
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_USE_INTERNAL_ERRNO (1)
#define MICROPY_USE_INTERNAL_PRINTF (1)

// Development builds have a prompt, and run files. In a release nothing is compiled, and what is on the disk is never code.
#define MICROPY_ENABLE_COMPILER (UNDERTOW_DEV)
#define MICROPY_PERSISTENT_CODE_LOAD (UNDERTOW_DEV)
#undef MICROPY_MODULE_FROZEN_STR // the make rules say 1
#define MICROPY_MODULE_FROZEN_STR (0)
#define MICROPY_KBD_EXCEPTION (UNDERTOW_DEV)
#define MICROPY_HELPER_REPL (UNDERTOW_DEV)
#define MICROPY_REPL_INFO (UNDERTOW_DEV)
#define MICROPY_READER_VFS (UNDERTOW_DEV)
#define MICROPY_PY_BUILTINS_INPUT (UNDERTOW_DEV)
#define MICROPY_PY_BUILTINS_HELP (UNDERTOW_DEV)
#define MICROPY_PY_BUILTINS_HELP_MODULES (UNDERTOW_DEV)
#define MICROPY_PY_SYS_STDFILES (UNDERTOW_DEV)
#define MICROPY_PY_UCTYPES (UNDERTOW_DEV)      // memory at any address
#define MICROPY_MALLOC_USES_ALLOCATED_SIZE (1) // MEM_STATS wants it
#define MICROPY_MEM_STATS (1)
#define MICROPY_PY_MICROPYTHON_MEM_INFO (1)

// Files: LittleFS on the disk.
#define MICROPY_VFS (1)
#define MICROPY_PY_OS_STATVFS (1)

// No sockets and no `network`: what Python may do with a network is in _router. The only random numbers are its, too.
#define MICROPY_PY_NETWORK (0)
#define MICROPY_PY_RANDOM (0)
#define MICROPY_PY_OS_URANDOM (0)
#define MICROPY_PY_ASYNCIO (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_CRYPTOLIB (0)
#define MICROPY_PY_DEFLATE (1) // binascii.crc32 hangs on it
#define MICROPY_PY_DEFLATE_COMPRESS (0)
#define MICROPY_PY_FRAMEBUF (0)
#define MICROPY_PY_WEBSOCKET (0)
#define MICROPY_PY_PLATFORM (0)
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_TIME_GMTIME_LOCALTIME_MKTIME (0)
#define MICROPY_PY_TIME_TIME_TIME_NS (0)

#if UNDERTOW_DEV
// Ctrl-C also ends a program that never waits.
void hal_look_for_ctrl_c(void);
#define MICROPY_VM_HOOK_LOOP hal_look_for_ctrl_c();
#define MICROPY_VM_HOOK_RETURN hal_look_for_ctrl_c();
#endif

#define MICROPY_PY_SYS_PLATFORM "undertow"
#define MICROPY_HW_BOARD_NAME UNDERTOW_BOARD

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long mp_off_t;
#define MP_SSIZE_MAX (0x7fffffff)
#define MP_STATE_PORT MP_STATE_VM

#endif
