"""Emulated boards: how QEMU runs them, their flash, and what they are plugged into."""

from undertow.board.board import Board, Wiring, firmware_file

__all__ = ["Board", "Wiring", "firmware_file"]
