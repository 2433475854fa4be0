# For every port's settings: what is frozen must be written anew when the names (qstrs) of the firmware changed.
# MicroPython 1.25 looks only at the Python files, and a build after a change in C fails with names defined twice.
.DEFAULT_GOAL := all
$(BUILD)/frozen_content.c: $(BUILD)/genhdr/frozen_is_fresh
$(BUILD)/genhdr/frozen_is_fresh: $(BUILD)/genhdr/qstrdefs.generated.h
	$(Q)rm -f $(BUILD)/frozen_content.c
	$(Q)touch $@
