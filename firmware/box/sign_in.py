"""Signing in where a network wants that first, without opening the box to it.

The window is C's (native/lwip/lwpath_sign_in.c): one client, the addresses of the network's
sign-in page, TCP 80 and 443, a few minutes. Here it is noticed that a network has such a page, and
a person's wish is carried out: found out where the page is, opened, watched, and closed.
"""

from box.status import tunnel_state
from box.unload import SIGN_IN_MODULES, unload
from ut1.errors import STATE, VALUE, RefusedError
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.board import Board
    from box.sign_in_search import Search

    Object = dict[str, object]
    Problem = tuple[str, str, str]

WINDOW_S = 300
# Whoever has not found a way for so long is stopped by something: see whether it is such a page.
SUSPECT_AFTER_MS = 6_000
# The page is looked for once on each network, and again after so long; and where nobody could be
# asked, because a board has one stream, which the search for a way was using.
SUSPECT_EVERY_MS = 60_000
SUSPECT_AGAIN_MS = 3_000
LOOK_EVERY_MS = 100
WATCH_EVERY_MS = 1_000
# While the window is open the gateway is looked for anew so often, for who has signed in wants to
# go on; now and then after longer, for some ways are found only after all others have failed.
SPEAK_AFTER_MS = (6_000, 6_000, 6_000, 30_000)

SIGN_IN = (
    "this place",
    "it wants you to sign in first",
    "Run `undertow sign-in`, or hold the box's button; then open any page behind the box.",
)
_PAGE_CAME = "a page came in place of the gateway's"
# Why a window has ended, by the numbers of Router.sign_in() (SIGN_IN_).
ENDS = ("", "", "closed", "its time was over", "the tunnel is up", "the network is another one")


class SignIn:
    """is_wanted: this network was seen to have a sign-in page, and the tunnel was not up since."""

    def __init__(self, board: "Board") -> None:
        self.is_wanted = False
        self._board = board
        self._router = board.router
        self._search: "Search | None" = None
        self._client: "tuple[bytes, bytes] | None" = None  # whom the window is for: address, MAC
        self._places: "list[tuple[str, bytes]]" = []
        self._trouble: "Problem | None" = None
        self._was_open = False
        self._suspected_ms = 0
        self._spoken_ms = self._spoken = 0
        self._is_free = False  # our gateway's page came here, whatever DHCP says
        self._down_ms = 0
        self._changed_ms = 0
        board.control.after(WATCH_EVERY_MS, self._watch)

    # --- for who runs the box ---

    def is_open(self) -> bool:
        return self._router.sign_in()[0] == self._router.SIGN_IN_OPEN

    def handle(self, arguments: "Object") -> "Object":
        """The verb: op is open (with client, if there are several), close or look."""
        op = arguments.get("op")
        if op == "open":
            self.open(arguments.get("client"))
        elif op == "close":
            self.close()
        elif op != "look":
            raise RefusedError(VALUE, "'op' is none of open, close, look", "Begin with 'open'.")
        return self.report()

    def press(self) -> None:
        """Somebody held the button: open the window for the only client, or close it."""
        if self.is_open() or self._client is not None:
            self.close()
            return
        try:
            self.open(None)
        except RefusedError as error:
            self._board.log("warning", "sign-in: %s" % error.why)

    def open(self, wanted: object) -> None:
        """For the client with this address or MAC; None: the only one. RefusedError: it cannot be.

        It is open as soon as it is known where the page is; look at report().
        """
        board = self._board
        if not board.connection.is_open or not board.uplink.is_usable():
            why = "the box is not on a network, or has no gateway to look for"
            raise RefusedError(STATE, why, "See `undertow status`.")
        if self._is_up():
            raise RefusedError(STATE, "the tunnel is up: nobody has to sign in", "Just go on.")
        client = _choose(self._router.clients(), wanted)
        self.close()
        self._trouble = None
        self._client = client
        board.connection.pause()  # its streams are wanted for this; what follows goes on by itself
        board.log("info", "sign-in: looking for the page, for %s" % format_address(client[0]))
        self._begin()

    def close(self) -> None:
        """Close the window, or do not open it."""
        self._stop()
        if self._client is not None:
            self._client = None
            self._board.uplink.speak()
        self._router.close_sign_in()
        self._tell_end()

    def follow_uplink(self) -> None:
        """The network is another one, or may be."""
        self._stop()
        self._client = None
        self._trouble = None
        self.is_wanted = self._is_free = False
        self._suspected_ms = self._down_ms = 0
        self._changed_ms = self._board.control.now_ms()
        self._tell_end()

    def report(self) -> "Object":
        """The member "sign_in" of `status`."""
        end, left_ms, mac, client, sent, received, answered, refused = self._router.sign_in()
        told: "Object" = {"wanted": self.is_wanted, "state": "closed", "why": None}
        if self._client is not None:
            told["state"] = "looking"
        elif end == self._router.SIGN_IN_OPEN:
            told["state"] = "open"
            told["left_s"] = left_ms // 1000
        elif self._trouble is not None:
            told["why"] = self._trouble[1]
        elif ENDS[end]:
            told["why"] = ENDS[end]
        if end != self._router.SIGN_IN_NONE:
            told["client"] = format_address(client)
            told["mac"] = ":".join(["%02x" % byte for byte in mac])
            told["page"] = [_words(name, address) for name, address in self._places]
            told["segments"] = [sent, received]
            told["names"] = answered
            told["refused"] = refused
        return told

    def problem(self) -> "Problem | None":
        """That this place wants a sign-in, or why there is none to be had."""
        if self._trouble is not None:
            return self._trouble
        return SIGN_IN if self.is_wanted and not self.is_open() else None

    # --- noticing, and watching ---

    def _is_up(self) -> bool:
        """Whether the tunnel is there, on this network."""
        board = self._board
        peer = board.connection.peer()
        if peer is None or tunnel_state(board) != "up":
            return False
        return board.device.tunnel.times(peer.number)[3] > self._changed_ms

    def _watch(self) -> None:
        board = self._board
        board.control.after(WATCH_EVERY_MS, self._watch)
        if not board.connection.is_open or not board.uplink.is_usable():
            return
        now_ms = board.control.now_ms()
        if self._is_up():
            if self.is_wanted or self._client is not None or self.is_open():
                self.is_wanted = False
                self.close()
            self._trouble = None
            self._down_ms = 0
            return
        self._down_ms = self._down_ms or now_ms
        if self.is_open():
            if now_ms - self._spoken_ms >= SPEAK_AFTER_MS[self._spoken % len(SPEAK_AFTER_MS)]:
                self._spoken_ms = now_ms
                self._spoken += 1
                board.uplink.speak()
            return
        self._tell_end()
        is_told = self._router.uplink_portal() is not None
        if is_told and not self.is_wanted and not self._is_free:
            self._want("its DHCP server names one")
        if now_ms - self._down_ms < SUSPECT_AFTER_MS:
            return
        is_time = not self._suspected_ms or now_ms - self._suspected_ms >= SUSPECT_EVERY_MS
        # Only where the document names a way by TCP to the gateway does the box make any.
        may_ask = board.connection.lead is not None and (is_told or not self.is_wanted)
        if may_ask and is_time:
            self._suspected_ms = now_ms
            self._begin()

    def _want(self, why: str) -> None:
        if not self.is_wanted:
            self._board.log("info", "sign-in: this network has a page for it: %s" % why)
        self.is_wanted = True

    def _tell_end(self) -> None:
        end = self._router.sign_in()[0]
        if self._was_open and end != self._router.SIGN_IN_OPEN:
            self._was_open = False
            self._board.log("info", "sign-in: the window is closed: %s" % ENDS[end])

    # --- looking for the page ---

    def _begin(self) -> None:
        if self._search is None:
            from box.sign_in_search import Search

            self._search = Search(self._board)
            self._board.control.after(0, self._look)

    def _stop(self) -> None:
        if self._search is not None:
            self._search.stop()
            self._search = None
            unload(SIGN_IN_MODULES)

    def _look(self) -> None:
        search = self._search
        if search is None:
            return
        if search.step():
            self._board.control.after(LOOK_EVERY_MS, self._look)
            return
        client, self._client = self._client, None
        self._stop()
        if search.is_page:
            self._want(_PAGE_CAME)
        elif search.is_free:
            self._is_free = True
            self.is_wanted = False
        elif search.is_busy and client is None:
            self._suspected_ms += SUSPECT_AGAIN_MS - SUSPECT_EVERY_MS
        if client is not None:
            self._open(client, search)
            self._board.uplink.speak()

    def _open(self, client: "tuple[bytes, bytes]", search: "Search") -> None:
        self._trouble = search.trouble
        if self._trouble is None:
            self._places = search.places
            names = tuple([name for name, _ in search.places])
            addresses = tuple([address for _, address in search.places])
            self._trouble = self._set(client, addresses, names)
        if self._trouble is not None:
            self._board.log("warning", "sign-in: not opened: %s" % self._trouble[1])
            return
        self._was_open = True
        self._spoken = 0
        self._spoken_ms = self._board.control.now_ms()
        words = ", ".join([_words(name, address) for name, address in search.places])
        self._board.log(
            "info",
            "sign-in: open for %s (%s) to %s, for %d s"
            % (format_address(client[0]), _mac(client[1]), words, WINDOW_S),
        )

    def _set(
        self,
        client: "tuple[bytes, bytes]",
        addresses: "tuple[bytes, ...]",
        names: "tuple[str, ...]",
    ) -> "Problem | None":
        try:
            error = self._router.set_sign_in(client[1], addresses, names, WINDOW_S)
        except ValueError:
            return (
                "this place",
                "what it says of its page leads back to the box or to nowhere",
                "Ask whoever runs it where to sign in.",
            )
        if error:
            why = "its client or its network has gone meanwhile"
            return ("the window for signing in", why, "Try again.")
        return None


def _choose(
    clients: "list[tuple[bytes, bytes, int, int]]", wanted: object
) -> "tuple[bytes, bytes]":
    """Address and MAC of the client that is meant."""
    found = [(address, mac) for address, mac, _, _ in clients]
    if wanted is not None:
        found = [each for each in found if wanted in (format_address(each[0]), _mac(each[1]))]
    macs = {mac for _, mac in found}
    if not found:
        who = "no client" if wanted is None else "no client %s" % (wanted,)
        mend = "Join the box's network with a phone or laptop, and try again."
        raise RefusedError(STATE, "%s was heard" % who, mend)
    if len(macs) > 1:
        which = ", ".join([format_address(address) for address, _ in found])
        mend = "Name one by its address: %s." % which
        raise RefusedError(VALUE, "there are several clients, and one may sign in", mend)
    return found[0]


def _mac(mac: bytes) -> str:
    return ":".join(["%02x" % byte for byte in mac])


def _words(name: str, address: bytes) -> str:
    text = format_address(address)
    return "%s (%s)" % (name, text) if name else text
