"""Pairing two ends by a code that people compare: no I/O, no clock, no globals (README.md)."""
