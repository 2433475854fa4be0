"""What a box on an emulated board goes through beside the others: where names matter, and while it
is out. One of ours and a plain one, each in a thread of its own.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.censor.journeys import AGAIN_S, FIRST_S, LARGE_S, Journey, Journeys
from tests.censor.moves import ADDRESS, BETWEEN_S, BLACKOUT, BLACKOUT_S, DOORS, DOORS_CLOSED
from tests.censor.networks import OF_NAMES, OPEN
from tests.censor.plain_box import PlainBox, plain_box
from tests.censor.town import LIE, NAME
from tests.censor.traveller import Traveller, travelling

from undertow.board.scene import GATEWAY
from undertow.lab import censor
from undertow.lab.ethernet.world import ECHO

BOARD = "virt_rv32"
SECOND, FRIEND = "192.0.2.3", "203.0.113.7"
BY_NAME = f"{NAME}:{GATEWAY[1]}"
_TALK_S = 40.0


def begin_ours(journeys: Journeys, folder: Path, stack: ExitStack) -> None:
    """All of it, one after the other; stack: ends the box."""
    boxes: list[Traveller] = []

    def box() -> Traveller:
        if not boxes:
            made = travelling(BOARD, folder, f"Address = {SECOND}\n", reach=BY_NAME)
            boxes.append(stack.enter_context(made))
            scene = boxes[0].scene
            scene.have_gateway_at(SECOND)
            scene.places.add(LIE)
            scene.hotel.names[NAME] = (GATEWAY[0],)
        return boxes[0]

    for network in OF_NAMES:
        journeys.begin(network.name, lambda network=network: box().travel(network))
    for name, move in MOVES.items():
        journeys.begin(name, lambda move=move: move(box()))


def begin_plain(journeys: Journeys, folder: Path, stack: ExitStack) -> None:
    """The same networks for a plain one; the first of them lies when it looks its gateway up."""
    boxes: list[PlainBox] = []

    def box() -> PlainBox:
        if not boxes:
            boxes.append(stack.enter_context(plain_box(BOARD, folder, BY_NAME, OF_NAMES[0])))
            boxes[0].scene.hotel.names[NAME] = (GATEWAY[0],)
        return boxes[0]

    for network in OF_NAMES:
        journeys.begin(network.name, lambda network=network: box().reach(network))
    journeys.begin(BLACKOUT, lambda: box().go_dark(BLACKOUT_S))


@contextlib.contextmanager
def _out(box: Traveller) -> Iterator[Journey]:
    """The box is out by a way that is proven."""
    made = Journey()
    box.leaked.clear()
    box.arrive(OPEN)
    try:
        made.first_s = box.page(FIRST_S)
        box.settle()
        yield made
        made.large = box.large_page(LARGE_S)
        made.way = box.way()
    finally:
        made.deeds = box.deeds()
        box.leave()
        made.leaks = tuple(box.leaked)


def change_address(box: Traveller) -> Journey:
    """Its address on the uplink becomes another one, by the same router."""
    with _out(box) as made:
        box.leave()
        box.renumber()
        box.arrive(OPEN, is_new=False)
        made.second_s = box.page(AGAIN_S)
    return made


def go_dark(box: Traveller) -> Journey:
    """Nothing passes for a while, in which somebody wants pages in vain."""
    with _out(box) as made:
        box.scene.hotel.censor.become(censor.Blackout())
        assert box.page(BLACKOUT_S) is None
        box.scene.hotel.censor.become(censor.Open())
        box.arrived = time.monotonic()
        made.second_s = box.page(AGAIN_S)
    return made


def close_doors(box: Traveller) -> Journey:
    """The censor closes one door after the other while one TCP connection is in use."""
    with _out(box) as made:
        stream = box.client.connect(FRIEND, ECHO)
        for number, door in enumerate(DOORS):
            box.scene.hotel.censor.become(door())
            started = time.monotonic()
            words = b"word %d" % number
            stream.send(words)
            assert stream.receive(len(words), _TALK_S) == words
            made.second_s = max(made.second_s or 0.0, time.monotonic() - started)
            time.sleep(BETWEEN_S)
        stream.close()
    return made


MOVES: dict[str, Callable[[Traveller], Journey]] = {
    ADDRESS: change_address,
    DOORS_CLOSED: close_doors,
    BLACKOUT: go_dark,
}
