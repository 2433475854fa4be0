"""The console's line protocol, for both ends: no I/O, no clock, no globals (README.md)."""
