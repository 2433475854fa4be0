"""Random numbers, letters and orders out of random bytes that are handed in."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
NAME_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789"


class Chance:
    def __init__(self, random_bytes: "Callable[[int], bytes]") -> None:
        self.bytes = random_bytes

    def below(self, limit: int) -> int:
        """A number from 0 to limit-1, 1 <= limit <= 65536, each as likely."""
        # What lies above the last whole multiple would make the small ones likelier.
        end = 65536 - 65536 % limit
        while True:
            raw = self.bytes(2)
            number = raw[0] << 8 | raw[1]
            if number < end:
                return number % limit

    def between(self, low: int, high: int) -> int:
        """A number from low to high."""
        return low + self.below(high - low + 1)

    def characters(self, alphabet: bytes, count: int) -> bytes:
        return bytes([alphabet[self.below(len(alphabet))] for _ in range(count)])

    def shuffled(self, parts: "list[bytes]") -> "list[bytes]":
        """The same in another order, each order as likely."""
        out = list(parts)
        for i in range(len(out) - 1, 0, -1):
            k = self.below(i + 1)
            out[i], out[k] = out[k], out[i]
        return out
