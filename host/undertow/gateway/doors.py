"""The TCP ports of a running gateway: opened, changed while it runs, and closed at the end."""

import contextlib
import errno
import hashlib
import os
import resource
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from undertow.errors import UndertowError
from undertow.gateway import carriers, peers, web
from undertow.gateway.backend import Backend
from undertow.gateway.inside import Service
from undertow.gateway.log import Log
from undertow.gateway.questions import Questions
from undertow.gateway.settings import Settings
from undertow.gateway.state import State
from undertow.gateway.streams.background import Background
from undertow.gateway.streams.conversation import Entrance
from undertow.gateway.streams.openings import Seen, recogniser
from undertow.gateway.streams.server import StreamServer
from undertow.gateway.web_name import web_name

# All of this machine's own; IPv6 where there is any.
ADDRESSES = ("0.0.0.0", "::")  # noqa: S104
_NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


class Doors:
    """A with block in which the web site stands, and boxes are let in by it."""

    def __init__(self, state: State, settings: Settings, backend: Backend, log: Log) -> None:
        """backend: one that runs; where it takes no streams, no port is opened."""
        self.state = state
        self.log = log
        self.refused: dict[int, str] = {}
        self._open: dict[int, bool] = {}  # by port: whether with TLS
        self.backend = backend
        sink = backend.sink()
        self._sink = sink
        self._seen, self._seen_paths = Seen(), Seen()
        self._questions = Questions(state.folder, self._answer)
        self.service = Service()
        self._server = StreamServer(self._entrance(settings), sink or _Nobody())
        self._background = Background(self._server)
        self._settings = settings

    def __enter__(self) -> "Doors":
        _raise_file_limit()
        self._background.__enter__()
        try:
            self._background.call(lambda: self.service.begin(self._settings))
            self._background.wait_for(self._questions.begin())
            self.follow(self._settings)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._background.is_alive:
            self._background.call(self.service.end)
            self._background.call(self._questions.end)
        self._background.__exit__()

    @property
    def is_alive(self) -> bool:
        return self._background.is_alive

    def follow(self, settings: Settings) -> None:
        """Take over what has changed, also in files that settings name. Nothing raises: it is told.

        What cannot be used is left as it was.
        """
        self._settings = settings
        wanted = dict.fromkeys(settings.tls_ports, True)
        wanted |= dict.fromkeys(settings.web_ports, False)
        if self._sink is None:
            wanted = {}
        try:
            entrance = self._entrance(settings)
            found = web.load_certificate(self.state.folder, settings)
            context = found.context() if found is not None else None
        except UndertowError as error:
            self.log("error", "web site", f"the web site stays as it was: {error}")
            if self._server.context is None:
                wanted = {port: secure for port, secure in wanted.items() if not secure}
        else:
            self._server.entrance, self._server.context = entrance, context
        self._background.call(lambda: self._set_ports(wanted))

    def _entrance(self, settings: Settings) -> Entrance:
        kept = self.state.carriers()
        try:
            shape = kept.shape()
            own = peers.check_key(self.state.public_key())
            name = web_name(settings, kept.name)
            made_s = int((self.state.folder.path / carriers.FILE).stat().st_mtime)
            seed = hashlib.sha256(b"web site" + kept.path.encode()).hexdigest()
            site = web.load_site(settings, seed, made_s)
            known = recogniser(own, shape, self._seen)
            return Entrance(kept.path, site, known, name, self._seen_paths)
        finally:
            kept.wipe()

    def _set_ports(self, wanted: Mapping[int, bool]) -> None:
        for port in [p for p, secure in self._open.items() if wanted.get(p) is not secure]:
            del self._open[port]
            for address in ADDRESSES:
                self._server.close(address, port)
        self.refused = {}
        for port, secure in wanted.items():
            if port not in self._open and self._open_port(port, secure):
                self._open[port] = secure

    def _open_port(self, port: int, secure: bool) -> bool:
        try:
            self._server.open(ADDRESSES[0], port, secure)
        except OSError as error:
            self.refused[port] = os.strerror(error.errno) if error.errno else str(error)
            return False
        try:
            self._server.open(ADDRESSES[1], port, secure)
        except OSError as error:
            if error.errno not in _NO_IPV6:
                self.refused[port] = f"{os.strerror(error.errno or 0)} (IPv6)"
        return True

    def ports(self) -> Mapping[int, bool]:
        """Those that are open: whether TLS is spoken there."""
        return dict(self._open)

    async def _answer(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """To `undertow gateway check`."""
        if "box" in question:
            ports = [(int(port), int(how)) for port, how in question["ports"]]
            return {"results": await self.service.check(IPv4Address(question["box"]), ports)}
        return {
            "backend": self.backend.name,
            "tcp": {str(port): secure for port, secure in self._open.items()},
            "refused_tcp": {str(port): why for port, why in self.refused.items()},
            "counts": dict(self._server.counts),
        }


def _raise_file_limit() -> None:
    """Thousands of boxes have two descriptors each."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class _Nobody:
    def adopt(self, *_: object) -> None:
        raise OSError("nobody takes streams")

    async def is_new(self, *_: object) -> bool:
        return False
