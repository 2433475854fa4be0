"""`invoke demo`: watch a web page come through a tunnel that our program runs at both ends."""

import json as json_text
import sys
import time

from undertow.demo import story
from undertow.demo.narrator import Narrator
from undertow.errors import EXIT_INTERRUPTED
from undertow.lab import Lab


def main(json: bool = False) -> int:
    """Build the lab, tell the story, take everything down. The exit status; 0: it worked.

    json: print one object with all that was measured instead of telling it.
    UndertowError: what does not work here.
    """
    narrator = Narrator(quiet=json)
    started = time.monotonic()
    try:
        with Lab() as lab:
            result = story.tell(lab, narrator)
    except KeyboardInterrupt:
        narrator.say("Interrupted. Everything is taken down again.")
        return EXIT_INTERRUPTED
    seconds = time.monotonic() - started
    narrator.end(f"Everything is taken down again. That took {seconds:.0f} seconds in all.")
    if json:
        json_text.dump({**result, "seconds": round(seconds, 1)}, sys.stdout, indent=2)
        print()
    return 0
