# MicroPython's own QEMU port on RV32 `virt`, with our C in it: runs the portable tests where small integers have 31 bits.
# Nothing of the emulated router is here; that is a port of its own.
QEMU_ARCH = riscv32
QEMU_MACHINE = virt

CFLAGS += -DQEMU_SOC_VIRT
CFLAGS += -DMICROPY_HW_MCU_NAME='"$(RV32_ARCH)"'

# The file system of the boards' flash, for the tests of what is kept there.
MICROPY_VFS_LFS2 = 1

# Names and cryptography of the carriers, without a path to carry.
WG_CARRIER = 1
CFLAGS += -DCR_TLS_SMALL=1

# Memory map with room for the heap, which must hold a parsed Wycheproof file.
LDSCRIPT = $(BOARD_DIR)/virt.ld
MICROPY_HEAP_SIZE = 33554432

# The port allows 10 KB of stack, too little for a nested test; stack.c raises it.
SRC_C += $(BOARD_DIR)/stack.c $(BOARD_DIR)/clock.c
LDFLAGS += -Wl,--wrap=mp_stack_set_limit

SRC_BOARD_O += shared/runtime/gchelper_native.o shared/runtime/gchelper_rv32i.o
MPY_CROSS_FLAGS += -march=rv32imc

# Debian's gcc has libraries for rv32imac but not for rv32imac_zicsr, for which it would link the 64-bit ones. Of two
# -march the last one wins, and this stands last on the linker's line.
LIBS = $(MBEDTLS_LIB) -march=rv32imac -nostartfiles

# The last -O wins: our C is measured and tested as boards run it.
$(BUILD)/binding/%.o $(BUILD)/core/%.o $(BUILD)/carrier/%.o: CFLAGS += -O2

include $(BOARD_DIR)/../frozen.mk
include $(BOARD_DIR)/../symbols.mk
