# For every port's settings: no debug information, which takes a fifth of gcc's time, and a third of clang's for Xtensa. Symbols stay,
# for gdb, perf and valgrind. For lines and variables as well: DEBUG=1 ./invoke build, after removing the folder of the old build.
ifndef DEBUG
$(BUILD)/%.o: CFLAGS += -g0
endif
