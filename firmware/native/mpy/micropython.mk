# _wg in a MicroPython build; USER_C_MODULES is the folder above. A port may set, before MicroPython's py.mk is read:
#   WG_HOST=1   a build for hosts: keys can be exported, big tables are the system's memory, and on 64-bit machines the
#               cryptography is that of ../vector
#   WG_POSIX=1  the data path on TUN and UDP sockets, ../posix, with its modules
#   WG_LWIP=1   the data path on lwIP, ../lwip with ../router, with its module; the port brings lwIP
#   WG_CARRIER=1  _carrier, ../carrier, and TLS; comes with both data paths
# and from outside MBEDTLS_LIB, Mbed TLS as an archive, and MBEDTLS_INCLUDE, its headers (host/undertow/build/mbedtls.py).
WG_NATIVE := $(patsubst %/mpy,%,$(USERMOD_DIR))
# The names in a list of sources; where a line has more words, the one that is asked for.
wg_listed = $(shell sed 's/\#.*//' $(WG_NATIVE)/$(1)/sources.txt | awk 'NF { print $$$(2) }')
WG_CORE := $(addprefix core/,$(call wg_listed,core,1))
WG_BINDING := $(addprefix binding/,$(call wg_listed,binding,1))

CFLAGS_USERMOD += -I$(WG_NATIVE)/core -I$(WG_NATIVE)/binding -I$(WG_NATIVE)/mpy

ifeq ($(WG_HOST),1)
CFLAGS_USERMOD += -DWG_KEY_EXPORT=1 -DWG_MPY_CALLOC=1
ifneq ($(filter x86_64-% aarch64-%,$(shell $(CC) -dumpmachine)),)
WG_CORE := $(filter-out $(addprefix core/,$(call wg_listed,vector,2)),$(WG_CORE)) \
	$(addprefix vector/,$(call wg_listed,vector,1))
endif
endif

SRC_USERMOD_C += $(WG_NATIVE)/mpy/modwg.c
# Names come from there into modwg.c, which itself does not change with them.
QSTR_GLOBAL_DEPENDENCIES += $(WG_NATIVE)/binding/bind_list.h

ifeq ($(WG_POSIX),1)
CFLAGS_USERMOD += -I$(WG_NATIVE)/posix
WG_CORE += $(addprefix posix/,$(call wg_listed,posix,1))
SRC_USERMOD_C += $(addprefix $(WG_NATIVE)/mpy/mod,datapath.c datapath_stream.c system.c)
endif

ifeq ($(WG_LWIP),1)
CFLAGS_USERMOD += -I$(WG_NATIVE)/router -I$(WG_NATIVE)/lwip
WG_CORE += $(addprefix router/,$(call wg_listed,router,1)) $(addprefix lwip/,$(call wg_listed,lwip,1))
SRC_USERMOD_C += $(addprefix $(WG_NATIVE)/mpy/modrouter,.c _uplink.c _lan.c _stream.c _inside.c _sign_in.c _counters.c)
endif

ifneq ($(WG_CARRIER)$(WG_POSIX)$(WG_LWIP),)
CFLAGS_USERMOD += -I$(WG_NATIVE)/carrier -I$(WG_NATIVE)/carrier/tls -isystem $(MBEDTLS_INCLUDE) \
	-isystem $(MBEDTLS_INCLUDE)/../library \
	-DMBEDTLS_CONFIG_FILE='"cr_mbedtls.h"'
WG_CORE += $(addprefix carrier/,$(call wg_listed,carrier,1)) $(addprefix carrier/tls/,$(call wg_listed,carrier/tls,1))
SRC_USERMOD_C += $(WG_NATIVE)/mpy/modcarrier.c
endif

SRC_USERMOD_LIB_C += $(addprefix $(WG_NATIVE)/,$(WG_CORE) $(WG_BINDING))
