"""Improv Wi-Fi by serial line, the device's end: no I/O, no clock, no globals (README.md)."""
