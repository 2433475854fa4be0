"""Endpoints of rungs, both ways: where a rung leads to, and by which rung an answer came."""

from carrier.rung import UDP
from wg import endpoint
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.climb_streams import Streams
    from box.places import Places
    from carrier.rung import Rung

# So many are remembered: a late answer is known for the rung that it came by.
TARGETS_MAX = 16


class Targets:
    def __init__(self, places: "Places", streams: "Streams") -> None:
        self._places = places
        self._streams = streams
        self._known: "list[tuple[bytes, Rung]]" = []

    def of(self, rungs: "list[Rung]") -> "list[bytes]":
        """The endpoints of rungs as far as they are known now; those of streams that carry."""
        found = []
        for rung in rungs:
            for target in self._of(rung):
                found.append(target)
                self._known = [each for each in self._known if each[0] != target]
                self._known.append((target, rung))
        self._known = self._known[-TARGETS_MAX:]
        return found

    def rung_of(self, target: bytes) -> "Rung | None":
        """The rung that leads to an endpoint, as far as it was tried."""
        for known, rung in self._known:
            if known == target:
                return rung
        return None

    def forget_streams(self) -> None:
        """Their numbers are given to others."""
        self._known = [each for each in self._known if not endpoint.is_stream(each[0])]

    def _of(self, rung: "Rung") -> "list[bytes]":
        shape = int(rung.is_shaped)
        if rung.kind == UDP:
            places = self._places.addresses(rung.place)
            return [endpoint.pack(address, rung.port, 0, shape) for address in places]
        number = self._streams.number_of(rung)
        return [] if number is None else [endpoint.stream(number, shape)]
