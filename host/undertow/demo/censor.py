"""What the demo does, second act: a censor closes one door after another, and the box finds ways.

Beside our box, in a hotel with the same censor, a plain WireGuard box tries the same. No root is
needed: both are emulated boards, all others are Python.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from undertow.demo import cable, travellers
from undertow.demo.guest import Call
from undertow.demo.narrator import Narrator, Row
from undertow.demo.networks import NETWORKS, PLAIN_PORT, Network
from undertow.demo.outcome import Outcome
from undertow.demo.travellers import Box, Traveller
from undertow.lab import LabError, signals

FIRST_S = 25.0  # for a page to come; promised are 15
PROOF_S = 15.0  # for 64 KiB both ways after that
# A plain box shakes hands anew every 5 s: so long it has its chance.
CHANCE_S = 7.0
LOOK_S = 0.05
SHOW_EVERY_S = 0.2
ASK_EVERY_S = 1.0

Facts = dict[str, Any]


def tell(narrator: Narrator, board: str, folder: Path | None = None) -> Facts:
    """Play it; what was measured. LabError: something is not as it is told.

    folder: for everything that is made; one of its own if none is named.
    """
    _introduce(narrator, board)
    facts: Facts = {"networks": []}
    with _boxes(board, folder) as (box, plain):
        for number, network in enumerate(NETWORKS, start=1):
            outcome = _show(narrator, number, network, box, plain)
            facts["networks"].append(outcome.as_members())
        _end(narrator, box, facts)
    return facts


def _introduce(narrator: Narrator, board: str) -> None:
    narrator.chapter("A hotel that lets less and less through")
    for line in (
        "What a guest sends is sealed into an envelope, the tunnel, and that is put",
        "into another one for the road. A network sees the outer envelope alone: its",
        "kind (UDP, or a connection as browsers make), its shape, and the number of",
        "the door (the port) that it goes to. Some networks drop what they dislike.",
        "Our box has several kinds of outer envelopes, and its gateway several doors.",
        "It takes a way only when 64 KiB have passed there, and back. Each time the",
        "censor has new rules, it also cuts what was open.",
        f"Beside it stands a plain WireGuard box: one kind, one door, {PLAIN_PORT}.",
        f"Both are {board}, an emulated board; each is in a hotel with the same censor.",
    ):
        narrator.say(line)


@contextlib.contextmanager
def _boxes(board: str, folder: Path | None) -> Iterator[tuple[Traveller, Box]]:
    stack = contextlib.ExitStack()
    try:
        if folder is None:
            made = tempfile.TemporaryDirectory(prefix="undertow-demo-")
            folder = Path(stack.enter_context(made))
        plain = stack.enter_context(travellers.plain(board, folder / "plain"))
        box = stack.enter_context(travellers.ours(board, folder / "ours"))
        yield box, plain
    finally:
        # A second Ctrl-C must not stop the cleaning up half-way.
        with signals.deaf():
            stack.close()


def _show(narrator: Narrator, number: int, network: Network, box: Traveller, plain: Box) -> Outcome:
    narrator.chapter(f"{number}. {network.title}")
    if network.has_proxy:
        narrator.say("The hotel's desk says where its proxy is; the box is told, while it runs.")
    port = _udp_port(box)
    if not port and network.closes_ours:
        raise LabError("our box does not use UDP", "where everything passes it should")
    narrator.fact("the censor", network.says.format(port=port))
    outcome = Outcome(network)
    if box.call is not None:
        box.call.calm()
    for each in (plain, box):
        each.meet(network, port)
    plain.browser.begin(network.page, again=True)
    box.browser.begin(network.page)
    if network.has_proxy:
        box.learn_proxy()
    _watch(narrator, outcome, box, plain)
    outcome.tell(narrator)
    outcome.judge(box, plain)
    return outcome


def _udp_port(box: Box) -> int:
    """Of the gateway, to which the box speaks just now; 0: it goes another way."""
    door = cable.last(box.sent())
    return door.port if door is not None and door.kind == "UDP" else 0


def _watch(narrator: Narrator, outcome: Outcome, box: Traveller, plain: Box) -> None:
    """Wait until the page has come, the way is proven, and the plain box had its chance."""
    started = time.monotonic()
    ask_at = show_at = 0.0

    def look() -> list[Row]:
        return outcome.rows(time.monotonic() - started)

    with narrator.watching(look) as show:
        while not outcome.is_over or time.monotonic() - started < CHANCE_S:
            for each in (box, plain):
                each.browser.look()
            passed_s = time.monotonic() - started
            outcome.see(box, plain, passed_s)
            if outcome.page_s is None and passed_s > FIRST_S:
                raise LabError("no page came to our guest", f"waited {FIRST_S:.0f} s")
            if outcome.page_s is not None and box.call is None:
                box.call = Call(box.client)
            if outcome.page_s is not None and not outcome.way and passed_s > ask_at:
                outcome.ask(box, started)
                ask_at = time.monotonic() - started + ASK_EVERY_S
            if passed_s > FIRST_S + PROOF_S:
                raise LabError("it did not come to an end", outcome.missing())
            if passed_s >= show_at:
                show()
                show_at = passed_s + SHOW_EVERY_S
            time.sleep(LOOK_S)
    plain.browser.stop()


def _end(narrator: Narrator, box: Traveller, facts: Facts) -> None:
    narrator.chapter("What came of it")
    outcomes = [Outcome.as_row(members) for members in facts["networks"]]
    narrator.table(("network", "plain box", "ours", "page", "proof", "by"), outcomes)
    if box.call is None:
        raise LabError("there was no call", "it begins with the first page")
    box.call.hang_up()
    facts["call"] = {"said": box.call.said, "heard": box.call.heard, "connections": 1}
    narrator.fact("the guest's call", f"{box.call.heard} words, all on one connection")
    box.sent()
    facts["leaks"] = len(box.leaks)
    if box.leaks:
        raise LabError("the box leaks", box.leaks[0])
    narrator.fact("leaks", "none: nothing of the guest's in clear, on any way")
