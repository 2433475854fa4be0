"""The program `undertow`: what a person needs who has a box, also without a checkout."""

from undertow.cli.program import main

__all__ = ["main"]
