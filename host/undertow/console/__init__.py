"""The laptop's end of a box's console: `Console(url)`, over whatever line leads to the box."""

from undertow.console.client import Check, Console, Hello, RefusedByBoxError

__all__ = ["Check", "Console", "Hello", "RefusedByBoxError"]
