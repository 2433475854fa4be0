# Everything that the emulated boards share. A board's Makefile sets its compiler, its own sources (BOARD_C, BOARD_S, BOARD_O) and
# its linker script (BOARD_LD), and includes this.
#   MPY_DIR=DIR   MicroPython's tree, with lib/lwip in it
#   DEV=1         a development build: a prompt on the console, Ctrl-C, files that can be run
#   HEAP_LEN=N    bytes for Python's objects
VIRT := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
DEV ?= 0
HEAP_LEN ?= 139264

QSTR_DEFS = $(VIRT)/qstrdefsport.h
QSTR_GLOBAL_DEPENDENCIES += $(VIRT)/mpconfigport_common.h
FROZEN_MANIFEST ?= $(VIRT)/manifest.py
MICROPY_ROM_TEXT_COMPRESSION ?= 1
MICROPY_VFS_LFS2 = 1

# _wg, and the packet path on lwIP with _router (native/mpy/micropython.mk).
WG_LWIP = 1
LIBS += $(MBEDTLS_LIB)

include $(TOP)/py/py.mk
include $(TOP)/extmod/extmod.mk

LWIP := lib/lwip/src
LWIP_C := $(addprefix $(LWIP)/,$(shell sed 's/\#.*//' $(VIRT)/lwip_sources.txt))

INC += -I. -I$(VIRT) -I$(VIRT)/lwip -I$(TOP) -I$(TOP)/$(LWIP)/include -I$(BUILD)
CFLAGS += $(INC) -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Os -g -DNDEBUG
CFLAGS += -ffunction-sections -fdata-sections -fno-strict-aliasing
CFLAGS += -DUNDERTOW_DEV=$(DEV) -DUNDERTOW_HEAP_LEN=$(HEAP_LEN) -DCR_TLS_SMALL=1 -DWG_REPLAY_BITS=2048 -DWG_GATE_SOURCES=64

PORT_C = $(addprefix virt/,main.c device_program.c hal.c console.c network.c nic.c block.c entropy.c flash.c memory.c reset.c fault.c uart.c watchdog.c modboard.c)
ifeq ($(DEV),1)
MICROPYTHON_C += shared/readline/readline.c shared/runtime/pyexec.c
endif
MICROPYTHON_C += shared/runtime/interrupt_char.c shared/runtime/stdout_helpers.c shared/runtime/sys_stdio_mphal.c

SRC_C += $(PORT_C) $(BOARD_C) $(MICROPYTHON_C)
SRC_QSTR += $(SRC_C)

OBJ += $(PY_O)
OBJ += $(addprefix $(BUILD)/,$(SRC_C:.c=.o) $(LWIP_C:.c=.o) $(BOARD_S:.s=.o) $(BOARD_O))

# What each packet passes, and what is measured, is compiled for speed; the last -O wins.
$(BUILD)/virt/nic.o $(BUILD)/virt/network.o $(BUILD)/virt/console.o $(BUILD)/cpu.o $(BUILD)/bus.o: CFLAGS += -O2
$(BUILD)/core/%.o $(BUILD)/router/%.o $(BUILD)/lwip/%.o $(BUILD)/carrier/%.o: CFLAGS += -O2
$(addprefix $(BUILD)/$(LWIP)/,$(addprefix core/,pbuf.o inet_chksum.o timeouts.o ipv4/etharp.o ipv4/ip4_addr.o) netif/ethernet.o): CFLAGS += -O2
$(BUILD)/shared/libc/string0.o: CFLAGS += -O2 -funroll-loops
$(BUILD)/py/vm.o $(BUILD)/py/gc.o: CFLAGS += -O2
$(BUILD)/$(LWIP)/%.o: CFLAGS += -Wno-sign-compare -Wno-address -Wno-type-limits

# MicroPython 1.25 without its compiler.
$(BUILD)/py/builtinimport.o: CFLAGS += -Wno-unused-variable

include $(TOP)/py/mkrules.mk
# Sources of this folder are named virt/*.c.
vpath %.c $(VIRT)/..

# A change of these settings, such as another HEAP_LEN, is no change of a file.
$(BUILD)/firmware.elf: $(OBJ) $(BOARD_LD) $(MBEDTLS_LIB)
	$(ECHO) "LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

all: $(BUILD)/firmware.elf

include $(VIRT)/../frozen.mk
include $(VIRT)/../symbols.mk
