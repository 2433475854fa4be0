# undertow-unix: MicroPython's unix port with our C inside, as a program of its own.
PROG = undertow-unix
FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py

# Speed before size: this is the port for laptops and gateways. The C core gets more, see below.
COPT = -O2
# Symbols stay, for gdb, perf and valgrind; they cost nothing at run time.
STRIP =

# The system's own main() becomes ours (program.c), and MicroPython's remains callable.
LDFLAGS_EXTRA += -Wl,--wrap=main

# _wg as hosts have it, and the data path on TUN and UDP sockets (native/mpy/micropython.mk).
WG_HOST = 1
WG_POSIX = 1
LIB += $(MBEDTLS_LIB)

# No parts that a router does not use.
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_SSL = 0
MICROPY_SSL_MBEDTLS = 0
MICROPY_PY_THREAD = 0
MICROPY_PY_TERMIOS = 0
MICROPY_VFS_FAT = 0
MICROPY_VFS_LFS1 = 0
MICROPY_VFS_LFS2 = 0

# The packet path is compiled for speed, whatever MicroPython's own level is (the last -O wins).
$(BUILD)/core/%.o $(BUILD)/vector/%.o $(BUILD)/posix/%.o $(BUILD)/carrier/%.o: CFLAGS += -O3

include $(VARIANT_DIR)/../frozen.mk
include $(VARIANT_DIR)/../symbols.mk

# An archive that was made anew is linked anew.
$(BUILD)/$(PROG): $(MBEDTLS_LIB)
