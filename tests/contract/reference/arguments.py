"""The rules for arguments, as the stubs' docstring has them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

LAST_MS = 2**62 - 1


def readable(value: Any, length: int | None = None) -> memoryview:
    """A view of bytes. TypeError: no buffer; ValueError: another length."""
    view = memoryview(value)
    if not view.contiguous:
        raise TypeError("not contiguous")
    view = view.cast("B")
    if length is not None and len(view) != length:
        raise ValueError("length")
    return view


def writable(value: Any, length: int | None = None) -> memoryview:
    """A view that can be written. TypeError: it cannot."""
    view = readable(value)
    if view.readonly:
        raise TypeError("read only")
    return readable(view, length)


def number(value: Any, highest: int = 2**64 - 1) -> int:
    """A number from 0 to highest; a bool is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no int")
    if not 0 <= value <= highest:
        raise OverflowError("out of range")
    return value


def now(value: Any) -> int:
    """A time."""
    number(value, LAST_MS)
    if value == 0:
        raise ValueError("0 stands for never")
    return value


def boolean(value: Any) -> bool:
    """True or False, nothing that is like it."""
    if not isinstance(value, bool):
        raise TypeError("no bool")
    return value


def instance(value: Any, kind: type) -> Any:
    """An object of the module that was not wiped."""
    if not isinstance(value, kind):
        raise TypeError("another object")
    if not value.live:
        raise ValueError("wiped")
    return value


def address(value: Any) -> bytes:
    """4 or 16 bytes."""
    view = readable(value)
    if len(view) not in (4, 16):
        raise ValueError("length")
    return bytes(view)


def prefix(value: Any, prefix_len: Any) -> tuple[bytes, int]:
    """An address without the bits past prefix_len, and prefix_len."""
    data = address(value)
    bits = 8 * len(data)
    if number(prefix_len) > bits:
        raise ValueError("longer than the address")
    as_number = int.from_bytes(data, "big") >> (bits - prefix_len) << (bits - prefix_len)
    return as_number.to_bytes(len(data), "big"), prefix_len


def endpoint(value: Any) -> bytes:
    """Family and shape, port, scope, address."""
    data = bytes(readable(value))
    lengths = {1: 7, 4: 11, 6: 23}
    if not data or data[0] >> 4 > 1 or len(data) != lengths.get(data[0] & 15):
        raise ValueError("no endpoint")
    if data[0] & 15 != 6 and data[3:7] != bytes(4):
        raise ValueError("IPv6 alone has a scope")
    return data


def shares(out: memoryview, other: memoryview) -> bool:
    """Whether writing to out changes other: found out by doing it, and undoing it."""
    before_out, before_other = bytes(out), bytes(other)
    out[:] = bytes(byte ^ 0xFF for byte in before_out)
    changed = bytes(other) != before_other
    out[:] = before_out
    return changed


def begins_at(out: memoryview, position: int, other: memoryview) -> bool:
    """Whether other's first byte is out's byte at position."""
    if position >= len(out) or not len(other):
        return False
    before = other[0]
    out[position] ^= 0xFF
    changed = other[0] != before
    out[position] ^= 0xFF
    return changed


def apart(out: memoryview, *others: memoryview) -> None:
    """ValueError if out overlaps any of the others."""
    for other in others:
        if shares(out, other):
            raise ValueError("overlap")


def in_place(out: memoryview, other: memoryview) -> None:
    """ValueError if out overlaps the other, unless both begin at the same byte."""
    if not begins_at(out, 0, other):
        apart(out, other)


def alive(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that only an object that was not wiped has."""

    @wraps(method)
    def checked(self: Any, *args: Any, **named: Any) -> Any:
        if not self.live:
            raise ValueError("wiped")
        return method(self, *args, **named)

    return checked
