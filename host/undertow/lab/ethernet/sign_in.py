"""The web server of a network with a sign-in page: whoever opens any page comes here first."""

import json
from collections.abc import Callable

from undertow.lab.censor.portal import Portal
from undertow.lab.censor.profile import Profile, parts
from undertow.lab.ethernet.acceptor import Acceptor, is_first, is_over, key_of
from undertow.lab.ethernet.connection import Connection
from undertow.lab.ethernet.loop import Loop
from undertow.lab.packets import ipv4, tcp

SIGN_IN = "/sign-in"
API = "/api"
PAGE = (
    "<!doctype html><title>Welcome</title><h1>Welcome to the hotel</h1>"
    f'<form method="post" action="{SIGN_IN}"><button>I accept</button></form>\n'
)
THANKS = "<!doctype html><title>Thank you</title><p>You are online.</p>\n"


class SignIn:
    """Connections to the network's own address, and those that its censor diverts here.

    Every other host's page is a redirection (302); POST /sign-in lets the guest out; /api says it
    to programs (RFC 8908). Without a portal among the profiles the door is shut.
    """

    def __init__(
        self,
        loop: Loop,
        send: Callable[[ipv4.Packet], None],
        profile: Callable[[], Profile],
    ) -> None:
        """profile: the one of now."""
        self.asked: list[str] = []
        self._profile = profile
        self._acceptor = Acceptor(loop, send)

    def take(self, packet: ipv4.Packet, segment: tcp.Segment) -> None:
        """A segment of a guest. In the loop's thread."""
        connection = self._acceptor.find(packet, segment)
        portal = self._portal()
        if connection is not None and not (is_first(segment) and is_over(connection)):
            connection.take(segment)
        elif portal is None or not is_first(segment):
            self._acceptor.refuse(packet, segment)
        else:
            guest = key_of(packet, segment).source
            self._acceptor.accept(packet, segment, lambda made: self._serve(made, guest, portal))

    def _portal(self) -> Portal | None:
        return next((each for each in parts(self._profile()) if isinstance(each, Portal)), None)

    def _serve(self, connection: Connection, guest: str, portal: Portal) -> None:
        head, blank, _ = bytes(connection.received).partition(b"\r\n\r\n")
        if blank:
            connection.received.clear()
            connection.send(self._answer(head.decode("latin-1"), guest, portal))
            connection.close()
        elif connection.ended:
            connection.close()

    def _answer(self, head: str, guest: str, portal: Portal) -> bytes:
        request, *lines = head.split("\r\n")
        method, _, rest = request.partition(" ")
        path = rest.partition(" ")[0]
        fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        host = fields.get("host", "").removesuffix(f":{portal.page[1]}")
        self.asked.append(f"{method} {host}{path}")
        if host not in (portal.page[0], portal.host):
            return _response("302 Found", "", {"Location": portal.url()})
        if path == API:
            state = {"captive": guest not in portal.signed_in, "user-portal-url": portal.url()}
            return _response("200 OK", json.dumps(state), kind="application/captive+json")
        if (method, path) == ("POST", SIGN_IN):
            portal.signed_in.add(guest)
            return _response("200 OK", THANKS)
        return _response("200 OK", PAGE)


def _response(
    status: str, body: str, fields: dict[str, str] | None = None, kind: str = "text/html"
) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
    return "\r\n".join([*lines, "Connection: close", "", body]).encode()
