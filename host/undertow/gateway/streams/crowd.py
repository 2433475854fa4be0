"""How many visitors there are at once, and who has to go when there are too many."""

import ipaddress
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

# What one household or server has of IPv6 at the least (RFC 6177): all of it is one source.
_OWN_PREFIX = 64


def source_of(address: str) -> str:
    """Whom an address stands for."""
    if ":" not in address:
        return address
    number = int(ipaddress.IPv6Address(address))
    return str(ipaddress.IPv6Address(number >> _OWN_PREFIX << _OWN_PREFIX))


class Leaving(Protocol):
    def end(self) -> None: ...


L = TypeVar("L", bound=Leaving)


@dataclass
class _Guest(Generic[L]):
    who: L
    source: str
    entered_s: float


class Crowd(Generic[L]):
    """Up to `at_most` at once, `per_source` of one address. One too many pushes one out.

    That is the oldest of the source that has the most: a flood pushes out itself.
    """

    def __init__(self, at_most: int, per_source: int) -> None:
        self.at_most = at_most
        self.per_source = per_source
        self.pushed_out = 0
        self._guests: dict[int, _Guest[L]] = {}  # by id(), the oldest first
        self._shares: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._guests)

    def __iter__(self) -> Iterator[L]:
        return iter([guest.who for guest in self._guests.values()])

    def enter(self, who: L, source: str) -> None:
        if self._shares[source] >= self.per_source:
            self._push_out(source)
        elif len(self._guests) >= self.at_most:
            self._push_out(self._largest())
        self._guests[id(who)] = _Guest(who, source, time.monotonic())
        self._shares[source] += 1

    def has_room(self, stay_s: float) -> bool:
        """Whether one more may come now: where it is full, only in place of one who had its time.

        stay_s: so much. All boxes come at once when a gateway begins anew: had each to go for the
        next, as each is about to be known, half of them would have come in vain.
        """
        if len(self._guests) < self.at_most:
            return True
        return self._oldest(self._largest()).entered_s <= time.monotonic() - stay_s

    def leave(self, who: L) -> None:
        """A second time does no harm."""
        guest = self._guests.pop(id(who), None)
        if guest is None:
            return
        self._shares[guest.source] -= 1
        if not self._shares[guest.source]:
            del self._shares[guest.source]

    def _largest(self) -> str:
        return self._shares.most_common(1)[0][0]

    def _oldest(self, source: str) -> _Guest[L]:
        return next(guest for guest in self._guests.values() if guest.source == source)

    def _push_out(self, source: str) -> None:
        oldest = self._oldest(source)
        self.pushed_out += 1
        self.leave(oldest.who)
        oldest.who.end()
