"""What a laptop goes through on each network; many of them at the same time, each on its own."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tests.censor.networks import Network
from tests.censor.scorecard import ALL, NOTHING, SMALL, Row
from tests.censor.town import Laptop

# What took longer than was promised is shown, and fails only where it never comes.
FIRST_S, AGAIN_S, LARGE_S = 30.0, 20.0, 30.0
# So many at once are no burden to two processors: they mostly wait.
AT_ONCE, PLAIN_AT_ONCE = 6, 4
# Where nothing comes, nothing comes for longer than that; an open network takes a tenth of it.
PLAIN_S = 3.0
STAY_S = 5.0


@dataclass
class Journey:
    """What came of it. Times in seconds; None: it did not come. plain: as in a scorecard.

    deeds: how often the censor did anything but let a packet pass.
    """

    first_s: float | None = None
    second_s: float | None = None
    large: bool = False
    way: str = ""
    plain: str = ""
    leaks: tuple[str, ...] = ()
    log: str = ""
    deeds: int = 0

    def require_way_out(self, row: Row, meets: bool = False) -> None:
        """Keep it in the row; AssertionError: it is not what is promised.

        meets: the censor has to have done something to it, or the network was none of this kind.
        """
        row.first_s, row.second_s, row.large = self.first_s, self.second_s, self.large
        row.way, row.leaks, row.deeds = self.way, len(self.leaks), self.deeds
        said = f"\n{self.log[-3000:]}"
        assert self.first_s is not None, f"no page{said}"
        assert self.large, f"300 kB did not come{said}"
        assert self.second_s is not None, f"no page the next time{said}"
        assert self.leaks == ()
        assert self.deeds or not meets, f"the censor did nothing{said}"

    def require_plain(self, row: Row, expected: str, is_open: bool) -> None:
        """Keep what a plain box reaches; AssertionError: it is not what is expected of it.

        is_open: nothing is done to it there; else something has to have been.
        """
        row.plain, row.plain_deeds = self.plain, self.deeds
        assert self.plain == expected
        assert is_open == (self.deeds == 0), f"the censor acted {self.deeds} times"

    def times(self) -> tuple[float | None, float | None]:
        """The first and the second."""
        return self.first_s, self.second_s


def stay(deeds: Callable[[], int], open_page: Callable[[], object]) -> None:
    """Open pages until the censor has done anything: what it does may need its time."""
    end = time.monotonic() + STAY_S
    while not deeds() and time.monotonic() < end:
        open_page()


def travel(laptop: Laptop, network: Network) -> Journey:
    """To a network where it never was, away, and there again."""
    made = Journey()
    laptop.point.become(network.make())
    laptop.switch_on()
    try:
        laptop.arrive()
        made.first_s = laptop.page(FIRST_S)
        if made.first_s is not None:
            made.large = laptop.large_page(LARGE_S)
            if network.meets:
                stay(laptop.point.deeds, lambda: laptop.page(STAY_S))
            laptop.settle()
            made.way = laptop.way()
            laptop.leave()
            laptop.point.become(network.make())
            laptop.arrive()
            made.second_s = laptop.page(AGAIN_S)
    finally:
        laptop.switch_off()
        made.leaks = tuple(laptop.leaked)
        made.log = laptop.log()
        made.deeds = laptop.point.deeds()
    return made


def look(laptop: Laptop, network: Network) -> Journey:
    """What a plain box reaches there."""
    made = Journey()
    laptop.point.become(network.make())
    laptop.switch_on()
    try:
        laptop.arrive()
        made.first_s = laptop.page(PLAIN_S if network.plain == NOTHING else FIRST_S)
        if made.first_s is None:
            made.plain = NOTHING
        else:
            made.large = laptop.large_page(PLAIN_S if network.plain == SMALL else LARGE_S)
            if network.meets:
                stay(laptop.point.deeds, lambda: laptop.page(STAY_S))
            made.plain = ALL if made.large else SMALL
    finally:
        laptop.switch_off()
        made.deeds = laptop.point.deeds()
    return made


class Journeys:
    """A with block in which journeys are under way; of() waits for one."""

    def __init__(self, at_once: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, "journey")
        self._futures: dict[str, Future[Journey]] = {}

    def __enter__(self) -> "Journeys":
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def begin(self, name: str, journey: Callable[[], Journey]) -> None:
        """Have one begin as soon as there is room."""
        self._futures[name] = self._pool.submit(journey)

    def of(self, name: str) -> Journey:
        """What came of it, as soon as it has ended."""
        return self._futures[name].result()
