"""What a laptop goes through on each network; many of them at the same time, each on its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from tests.censor.networks import Network
from tests.censor.scorecard import ALL, NOTHING, SMALL
from tests.censor.town import Laptop

# What took longer than was promised is shown, and fails only where it never comes.
FIRST_S, AGAIN_S, LARGE_S = 30.0, 20.0, 30.0
# So many at once are no burden to two processors: they mostly wait.
AT_ONCE, PLAIN_AT_ONCE = 6, 4
# Where nothing comes, nothing comes for longer than that; an open network takes a tenth of it.
PLAIN_S = 3.0


@dataclass
class Journey:
    """What came of it. Times in seconds; None: it did not come. plain: as in a scorecard."""

    first_s: float | None = None
    second_s: float | None = None
    large: bool = False
    way: str = ""
    plain: str = ""
    leaks: tuple[str, ...] = ()
    log: str = ""

    def times(self) -> tuple[float | None, float | None]:
        """The first and the second."""
        return self.first_s, self.second_s


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
            made.plain = ALL if made.large else SMALL
    finally:
        laptop.switch_off()
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
