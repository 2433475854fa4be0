"""`invoke demo`: watch a new box being set up and carry a client's traffic past a hotel."""

import json as json_text
import sys
import time

from undertow.demo import story
from undertow.demo.narrator import Narrator
from undertow.errors import EXIT_INTERRUPTED
from undertow.lab import Lab

BOARD = "virt_rv32"


def main(json: bool = False, board: str = BOARD) -> int:
    """Build the lab, tell the story, take everything down. The exit status; 0: it worked.

    json: print one object with all that was measured instead of telling it. board: the emulated
    one that is the box.
    UndertowError: what does not work here.
    """
    narrator = Narrator(quiet=json)
    started = time.monotonic()
    try:
        with Lab() as lab:
            result = story.tell(lab, narrator, board)
    except KeyboardInterrupt:
        narrator.say("Interrupted. Everything is taken down again.")
        return EXIT_INTERRUPTED
    seconds = time.monotonic() - started
    narrator.end(f"Everything is taken down again. That took {seconds:.0f} seconds in all.")
    if json:
        json_text.dump({**result, "seconds": round(seconds, 1)}, sys.stdout, indent=2)
        print()
    return 0
