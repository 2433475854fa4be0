"""What CPython and MicroPython spell differently; nothing else belongs here."""

try:
    from typing import TYPE_CHECKING
except ImportError:  # MicroPython has no typing
    TYPE_CHECKING = False  # type: ignore[misc]

__all__ = ["TYPE_CHECKING"]
