"""What came of one rule of the censor: seen, told, and judged."""

import time
from typing import Any

from undertow.demo import cable
from undertow.demo.narrator import Narrator, Row
from undertow.demo.networks import Network
from undertow.demo.travellers import Box, Traveller
from undertow.lab import LabError

# The guest's call may be behind by so much at the end of a rule.
_CALL_BEHIND_S = 2.0
# What the words of a way mean, by the first that is found in them.
_GLOSSES = (
    ("through the proxy", "an encrypted web connection, passed on by the hotel's proxy"),
    ("web page without TLS", "inside a web connection"),
    ("web page", "inside an encrypted web connection (TLS), as to any shop"),
    ("TCP", "one after another in a connection"),
    ("decoy", "scrambled UDP, behind a packet as of another protocol"),
    ("shaped", "scrambled UDP: it does not look like WireGuard"),
    ("UDP", "UDP as any WireGuard sends it"),
)


class Outcome:
    """Of one network. page_s: until our guest's page had come; proof_s: until the way was proven.

    way: in the box's words. doors: where it knocked, by what was on its cable.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.page_s: float | None = None
        self.proof_s: float | None = None
        self.way = ""
        self.doors: list[cable.Door] = []
        self.is_over = False
        self._plain_pages = 0
        self._plain_dropped = 0
        self._plain_bytes = 0
        self._pause_s = 0.0

    def see(self, box: Traveller, plain: Box, passed_s: float) -> None:
        """Look at both."""
        if self.page_s is None and box.browser.came:
            self.page_s = box.browser.came[0]
        self.doors = box.doors()
        self._plain_pages = len(plain.browser.came)
        self._plain_dropped = plain.dropped()
        self._plain_bytes = plain.browser.most
        waits_s = 0.0 if box.call is None else box.call.waits_s()
        self._pause_s = 0.0 if box.call is None else box.call.pause_s
        plain_seen = self._plain_pages if self.network.plain_works else self._plain_dropped
        self.is_over = bool(self.way) and bool(plain_seen) and waits_s < _CALL_BEHIND_S

    def ask(self, box: Traveller, started: float) -> None:
        """Ask the box for its way, which it has when it has proven it."""
        assert box.console is not None
        found = box.console.status()["tunnel"]["carrier"]
        if found["proven"]:
            self.way = str(found["way"])
            self.proof_s = time.monotonic() - started

    def missing(self) -> str:
        """What has not happened."""
        if not self.way:
            return "no way was proven with 64 KiB"
        return "the guest's call stands still, or the plain box shows nothing"

    # --- for people ---

    def rows(self, passed_s: float) -> list[Row]:
        """What is known by now."""
        page = "waiting" if self.page_s is None else f"came after {self.page_s:.1f} s"
        return [
            ("time", f"{passed_s:.1f} s"),
            ("our box knocks at", cable.words(self.doors)),
            ("our guest's page", page),
            ("proof", self.way or "waiting"),
            ("plain WireGuard box", self._plain_words()),
        ]

    def tell(self, narrator: Narrator) -> None:
        """All of it, once it is over."""
        narrator.fact("plain WireGuard box", self._plain_words())
        narrator.fact("our box knocked at", cable.words(self.doors))
        narrator.fact("its way", self.way)
        narrator.say(f"{'':<22}{self._gloss()}", style="dim")
        size = "300 kB " if self.network.page.answer[4096:] else ""
        narrator.fact("our guest's page", f"{size}after {self.page_s or 0:.1f} s")
        narrator.fact("64 KiB there and back", f"proven by {self.proof_s or 0:.1f} s")
        if self._pause_s:
            narrator.fact("the guest's call", f"goes on; longest pause {self._pause_s:.1f} s")

    def _plain_words(self) -> str:
        if self._plain_pages:
            return "works"
        found = f"stuck after {self._plain_bytes:,} bytes" if self._plain_bytes else "nothing"
        return f"{found}; {self._plain_dropped} of its packets were dropped"

    def _gloss(self) -> str:
        return next((gloss for word, gloss in _GLOSSES if word in self.way), "")

    def judge(self, box: Traveller, plain: Box) -> None:
        """LabError: it is not as the demo says."""
        if self.network.plain_works != bool(self._plain_pages):
            why = "it works" if self._plain_pages else "it reaches nothing"
            raise LabError(f"the plain box is not as expected with '{self.network.short}'", why)
        if box.leaks or plain.leaks:
            raise LabError("a box leaks", (box.leaks or plain.leaks)[0])

    # --- for programs, and for the table at the end ---

    def as_members(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "network": self.network.short,
            "plain": self._plain_words().partition(" ")[0].rstrip(";"),
            "plain_bytes": self._plain_bytes,
            "plain_dropped": self._plain_dropped,
            "knocked_at": [door.words for door in self.doors],
            "way": self.way,
            "page_s": round(self.page_s or 0, 2),
            "proof_s": round(self.proof_s or 0, 2),
            "call_pause_s": round(self._pause_s, 2),
        }

    @staticmethod
    def as_row(members: dict[str, Any]) -> Row:
        """As the last table has it."""
        seconds = (f"{members[name]:.1f} s" for name in ("page_s", "proof_s"))
        way = members["way"].partition(",")[0]
        way = way.replace(" on port ", ", ").replace(" through the proxy", " by the proxy")
        way = way.replace("web page without TLS", "web, no TLS").replace("web page", "web, TLS")
        return members["network"], members["plain"], "works", *seconds, way
