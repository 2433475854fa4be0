"""`undertow gateway pair`: a room is opened, a box comes, a code is compared, the box is let in."""

import contextlib
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from types import FrameType

from pairing import frames
from pairing.info import Info
from pairing.session import Responder
from undertow.errors import EXIT_PORT, EXIT_REFUSED, UndertowError
from undertow.gateway import keys, peers, pool, reach, surroundings
from undertow.gateway.lockout import KeptLockout, now_ms
from undertow.gateway.pairing import errors
from undertow.gateway.pairing.person import (
    CHANGED,
    NEW,
    OWN_CHANGED,
    SAME,
    AtPipe,
    AtTerminal,
    Person,
)
from undertow.gateway.pairing.run import Run
from undertow.gateway.pairing.visitors import Guest, Visitors
from undertow.gateway.peers import Peer, Peers, Verified
from undertow.gateway.settings import Settings
from undertow.gateway.state import State
from undertow.terminal import colour, interrupt, prompt
from wg.keytext import KEY_LEN, wipe

ROOM_S = 600
_WAITING = 64


def run(state: State, listen: str, port: int, as_json: bool) -> None:
    """UndertowError: no box was let in."""
    if not as_json:
        prompt.require_person(
            "The answer whether the codes are the same",
            "Run it at a terminal; a program gives --json.",
        )
    person: Person = AtPipe() if as_json else AtTerminal()
    with state.folder.pairing(), _ending_by_exit():
        room = Room(state, person)
        room.require_unlocked()
        with open_port(listen, port or room.settings.port) as listener:
            try:
                peer = room.hold(listener)
            except BaseException as error:
                person.leave(isinstance(error, KeyboardInterrupt))
                raise
    if as_json:
        found = {"event": "paired", "name": peer.name, "address": str(peer.address)}
        print(json.dumps({**found, "public_key": peer.public_key, "state": peers.VERIFIED}))
        return
    colour.say(f"\n{peer.name} is verified, and is let in at {peer.address}.", colour.GOOD)
    if not state.folder.is_running():
        colour.say("The gateway does not run yet: undertow gateway run.", colour.WARNING)


@contextlib.contextmanager
def _ending_by_exit() -> Iterator[None]:
    """SIGTERM and a closed terminal end a with block like Ctrl-C: the other end is told."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def open_port(listen: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((listen, port))
        listener.listen(_WAITING)
    except (OSError, OverflowError) as error:
        listener.close()
        said = getattr(error, "strerror", None) or error
        raise UndertowError(
            f"TCP port {port} of {listen} cannot be opened",
            f"The system says: {said}. Another room may be open.",
            "Close it, or give another one with --port, here and at the box's end.",
            EXIT_PORT,
        ) from error
    return listener


class Room:
    """Four digits under which one box can come in, once."""

    def __init__(self, state: State, person: Person) -> None:
        self.state = state
        self.person = person
        self.settings: Settings = state.settings()
        self.own = state.public_key()
        self.number = f"{secrets.randbelow(10_000):04d}"
        self.lockout = KeptLockout(state.folder)

    def require_unlocked(self) -> None:
        seconds = self.lockout.locked_s(now_ms())
        if seconds:
            raise errors.locked(seconds)

    def hold(self, listener: socket.socket) -> Peer:
        """Wait for a box and let it in. UndertowError: it came to nothing."""
        until_s = time.monotonic() + ROOM_S
        with self._reserved() as address:
            self._tell_opened(listener)
            with Visitors(listener, self.number) as visitors:
                guest = self._wait(visitors, until_s)
            # From here on the room is used, whatever comes of it.
            listener.close()
            return self._pair(guest, address, until_s)

    def _wait(self, visitors: Visitors, until_s: float) -> Guest:
        while (left_s := until_s - time.monotonic()) > 0:
            guest = visitors.wait(left_s)
            if guest is not None:
                return guest
        raise errors.too_late(False)

    def _tell_opened(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        endpoints = reach.endpoints(self.settings)
        hosts = [endpoint.rpartition(":")[0] for endpoint in endpoints] or [_own_host()]
        end = "" if port == 51820 else f":{port}"
        notes = []
        if not endpoints:
            notes.append(
                "No public address is known: the box will find this gateway from networks near "
                "here only. To change that: undertow gateway set --endpoint HOST."
            )
        words = [f"undertow verify --pair {host}{end} --room {self.number}" for host in hosts]
        self.person.opened(self.number, words, port, notes)

    @contextlib.contextmanager
    def _reserved(self) -> Iterator[IPv4Address]:
        """An address that is promised to whoever comes: it is told before we know who that is."""
        now_s = int(time.time())
        with self.state.changing() as known:
            address = pool.free(self.settings.network(), known, now_s)
            known.reserved[address] = now_s + ROOM_S
        try:
            yield address
        finally:
            with self.state.changing() as known:
                known.reserved.pop(address, None)

    def _pair(self, guest: Guest, address: IPv4Address, until_s: float) -> Peer:
        info = self._info(address, guest.connection.getsockname()[0])
        responder = Responder(self.number, peers.check_key(self.own), info.encode(), _fill_random)
        run = Run(guest, responder, self.person, until_s, self._judge, self._count)
        try:
            run.agree()
            # Both have confirmed: now it is done, or nobody knows of it.
            with interrupt.delayed():
                self.lockout.succeed(now_ms())
                peer = self._keep(run, address)
                run.end(frames.DONE)
            return peer
        except errors.EndedError as error:
            if error.is_failure or run.is_attempt:
                self._fail(run)
            run.end(error.reason)
            raise
        except BaseException:  # Ctrl-C; or a full disk, perhaps, once both have confirmed
            if run.is_attempt and not run.responder.is_confirmed:
                self._fail(run)
            run.end(frames.GAVE_UP)
            raise
        finally:
            run.close()

    def _info(self, address: IPv4Address, reached_at: str) -> Info:
        """What the box needs to know of us."""
        settings = self.settings
        info = Info(settings.name)
        info.endpoints = list(reach.nearby(settings, reached_at))
        info.address = f"{address}/32"
        info.dns = ", ".join(settings.dns)
        info.allowed_ips = "0.0.0.0/0"
        info.mtu = settings.mtu
        info.keepalive = settings.keepalive_s
        ways = self.state.ways(settings, info.endpoints)
        info.shape, info.carriers = list(ways.shape), list(ways.carriers)
        try:
            info.encode()
        except ValueError as error:
            raise UndertowError(
                "There is more to say to a box than fits a pairing",
                f"That is: {error}.",
                "Take shorter names, or fewer endpoints and ports: undertow gateway set.",
                EXIT_REFUSED,
            ) from None
        return info

    def _judge(self, info: Info, public_key: str) -> tuple[str, str]:
        """Who it is of those we know: (a standing, see person; the name that it has here)."""
        known = self.state.peers()
        same = known.with_key(public_key)
        if same is not None:
            is_ours = same.verified is None or same.verified.own == self.own
            return SAME if is_ours else OWN_CHANGED, same.name
        return (CHANGED, info.name) if info.name in known.by_name else (NEW, info.name)

    def _count(self) -> None:
        """Before anybody can know the code: whoever pulls the plug now has had his try."""
        self.lockout.fail(now_ms())

    def _fail(self, run: Run) -> None:
        if run.is_attempt:
            self.lockout.extend(now_ms())
        else:
            self.lockout.fail(now_ms())

    def _keep(self, run: Run, address: IPv4Address) -> Peer:
        raw = bytearray(KEY_LEN)
        run.responder.preshared_key(raw)
        text = keys.to_text(raw)
        try:
            with self.state.changing() as known:
                _require_free(known, address)
                same = known.with_key(run.public_key)
                peer = Peer(
                    same.name if same else run.info.name,
                    run.public_key,
                    address,
                    self.state.keep_preshared_key(text),
                    Verified(run.public_key, self.own, int(time.time())),
                )
                known.put(peer)
        finally:
            wipe(text)
        return peer


def _require_free(known: Peers, address: IPv4Address) -> None:
    if any(peer.address == address for peer in known.by_name.values()):
        raise UndertowError(
            f"The address {address} was given to another box meanwhile",
            "It was promised to the one that pairs, for ten minutes.",
            "Pair again: undertow gateway pair.",
            EXIT_REFUSED,
        )


def _own_host() -> str:
    address = surroundings.own_address()
    return str(address) if address else "HOST"


def _fill_random(buffer: bytearray) -> None:
    buffer[:] = os.getrandom(len(buffer))
