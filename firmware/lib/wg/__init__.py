"""The WireGuard protocol without I/O, clocks or globals; one source for CPython and MicroPython."""
