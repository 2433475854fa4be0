"""`invoke demo`: watch a new box being set up, carry a page past a hotel, and go under a censor."""

import json as json_text
import sys
import tempfile
import time
from contextlib import ExitStack
from typing import Any

from undertow.demo import censor, story
from undertow.demo.narrator import Narrator
from undertow.errors import EXIT_INTERRUPTED, EXIT_USAGE, UndertowError
from undertow.lab import Lab, command, signals

BOARD = "virt_rv32"
HOTEL, CENSOR = "hotel", "censor"
ACTS = (HOTEL, CENSOR)


def main(json: bool = False, board: str = BOARD, act: str = "") -> int:
    """Build the lab, tell the story, take everything down. The exit status; 0: it worked.

    json: print one object with all that was measured instead of telling it. board: the emulated
    one that is the box. act: of ACTS, to see that alone; the second needs no namespaces.
    UndertowError: what does not work here.
    """
    if act and act not in ACTS:
        raise UndertowError(
            f"The demo has no act '{act}'",
            "It plays all of them if none is named.",
            f"Name one of: {', '.join(ACTS)}.",
            EXIT_USAGE,
        )
    narrator = Narrator(quiet=json)
    started = time.monotonic()
    # Found out now: that takes a file, which an interruption in just that moment would leave.
    tempfile.gettempdir()
    try:
        with signals.ending_by_exit():
            result = _play(narrator, board, act)
    except KeyboardInterrupt:
        narrator.say("Interrupted. Everything is taken down again.")
        return EXIT_INTERRUPTED
    seconds = time.monotonic() - started
    narrator.end(f"Everything is taken down again. That took {seconds:.0f} seconds in all.")
    if json:
        json_text.dump({**result, "seconds": round(seconds, 1)}, sys.stdout, indent=2)
        print()
    return 0


def _play(narrator: Narrator, board: str, act: str) -> dict[str, Any]:
    if act == CENSOR:
        return {"board": board, CENSOR: censor.tell(narrator, board)}
    with ExitStack() as stack:
        lab = stack.enter_context(Lab())
        result = story.tell(lab, narrator, board)
        if not act:
            # Who is not root has a network of his own in a lab, whose loopback is down at first.
            command.run(["ip", "link", "set", "lo", "up"])
            result[CENSOR] = censor.tell(narrator, board, lab.folder)
    return result
