"""Undertow on the host: setting up, building, testing, and the emulated lab (CPython only)."""
