"""What `undertow gateway` and `./invoke gateway` do, one function for each command."""

import json
import sys
import time
from dataclasses import asdict
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from pairing.info import is_name
from undertow import secret
from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.gateway import box_file, carriers, folder, listing, peers, pool, reach, unit
from undertow.gateway.disk import Disk, replace
from undertow.gateway.document import BadValueError
from undertow.gateway.log import Log
from undertow.gateway.peers import Peer, Peers
from undertow.gateway.settings import Settings
from undertow.gateway.state import State
from undertow.terminal import colour
from wg.keytext import wipe


def open_state(name: str) -> State:
    return State(folder.chosen(name))


def run(state_name: str, backend: str, program: str, as_json: bool) -> None:
    """Until Ctrl-C or SIGTERM."""
    from undertow.gateway.runner import Runner

    Runner(open_state(state_name), Log(as_json), backend, program).run()


def add(
    state_name: str,
    name: str,
    public_key: str,
    address: str = "",
    psk_file: str = "",
    out: str = "",
    is_replacing: bool = False,
    is_plain: bool = False,
    as_json: bool = False,
) -> None:
    """Let a box in whose key is known; prints the file that it needs.

    is_plain: it is no box of ours, and knows WireGuard alone.
    """
    state = open_state(state_name)
    settings = state.settings()
    endpoints = reach.require_endpoints(settings)
    own = state.public_key()
    psk = secret.read_preshared_key(psk_file) if psk_file else None
    try:
        peer = _add(state, settings, own, name, public_key, address, psk, is_replacing)
    finally:
        wipe(psk or bytearray())
    ways = None if is_plain else state.ways(settings, endpoints)
    if out:
        _write_box_file(state, settings, own, peer, endpoints, ways, Path(out))
    text = box_file.compose(settings, own, peer, endpoints, None, ways).decode()
    if as_json:
        found = {"name": name, "address": str(peer.address), "state": peer.state(own)}
        print(json.dumps({**found, "gateway": own, "endpoints": endpoints, "conf": text}, indent=2))
        return
    if not out:
        print(text, end="")
    _say_added(peer, own, out)


def _say_added(peer: Peer, own: str, out: str) -> None:
    where = f" Its file: {out}." if out else ""
    colour.say(f"{peer.name} is let in at {peer.address}.{where}")
    if peer.state(own) == peers.KEY_CHANGED:
        colour.say("KEY CHANGED: it is another key than the one that was compared.", colour.ALARM)
    if peer.state(own) != peers.VERIFIED:
        colour.say("Not verified: nobody has compared its key. `undertow gateway pair` does that.")


def _add(
    state: State,
    settings: Settings,
    own: str,
    name: str,
    public_key: str,
    address: str,
    psk: bytearray | None,
    is_replacing: bool,
) -> Peer:
    try:
        if not is_name(name):
            raise BadValueError(f"{name!r} is no name: 1 to 63 letters, digits and . _ -")
        peers.check_key(public_key)
        if public_key == own:
            raise BadValueError("that is the gateway's own public key, not the box's")
        wanted = peers.address_of(address) if address else None
        with state.changing() as known:
            before = known.by_name.get(name)
            _check_replacing(before, public_key, is_replacing)
            peer = Peer(
                name,
                public_key,
                _address(settings, known, before, name, wanted),
                _preshared_key(state, before, public_key, psk),
                before.verified if before else None,
            )
            known.put(peer)
    except BadValueError as error:
        raise UndertowError(
            f"The box cannot be added: {error}",
            "Nothing has been changed.",
            "The box says its public key: undertow status.",
            EXIT_USAGE,
        ) from None
    return peer


def _preshared_key(
    state: State, before: Peer | None, public_key: str, psk: bytearray | None
) -> str | None:
    """The file with it. Who gives none takes none away: from pairing, the box has it."""
    if psk is not None:
        return state.keep_preshared_key(psk)
    return before.psk if before is not None and before.public_key == public_key else None


def _check_replacing(before: Peer | None, public_key: str, is_replacing: bool) -> None:
    if before is not None and before.public_key != public_key and not is_replacing:
        raise UndertowError(
            f"'{before.name}' is known with another key",
            "A box keeps its key until it is wiped. Another key may be another box, or somebody "
            "who wants to be taken for it.",
            "If the box was wiped or replaced: give --replace, or better, pair it again and "
            "compare the code.",
            EXIT_REFUSED,
        )


def _address(
    settings: Settings, known: Peers, before: Peer | None, name: str, wanted: IPv4Address | None
) -> IPv4Address:
    if wanted is not None:
        pool.check(wanted, settings.network(), known, name)
        return wanted
    if before is not None:
        return before.address
    return pool.free(settings.network(), known, int(time.time()))


def _write_box_file(
    state: State,
    settings: Settings,
    own: str,
    peer: Peer,
    endpoints: tuple[str, ...],
    ways: box_file.Ways | None,
    path: Path,
) -> None:
    psk = state.preshared_key(peer)
    text = box_file.compose(settings, own, peer, endpoints, psk, ways)
    try:
        replace(Disk(), path.absolute(), text)
    except OSError as error:
        raise UndertowError(
            f"{path} cannot be written",
            f"The system says: {error.strerror}. The box is let in all the same.",
            "Name a folder that is yours; run the same command again.",
        ) from error
    finally:
        wipe(text)
        wipe(psk or bytearray())


def list_(state_name: str, as_json: bool) -> None:
    listing.show(open_state(state_name), as_json)


def remove(state_name: str, name: str, as_json: bool) -> None:
    """Shut a box out, at once when the gateway runs."""
    state = open_state(state_name)
    with state.changing() as known:
        peer = known.by_name.pop(name, None)
        if peer is None:
            there = ", ".join(sorted(known.by_name)) or "none yet"
            raise UndertowError(
                f"There is no box '{name}'",
                f"Those that there are: {there}.",
                "Give the name as `undertow gateway list` has it.",
                EXIT_USAGE,
            )
    if as_json:
        print(json.dumps({"removed": name, "public_key": peer.public_key}, indent=2))
    else:
        colour.say(f"{name} is shut out{', and its preshared key is removed' if peer.psk else ''}.")


def set_(state_name: str, as_json: bool, **wanted: Any) -> None:
    """Change settings, or only show them."""
    state = open_state(state_name)
    is_changing = any(value is not None for value in wanted.values())
    settings = state.change_settings(**wanted) if is_changing else state.settings()
    found = {**asdict(settings), "public_key": state.public_key(), "folder": str(state.folder.path)}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
        print(f"{name:<15} {_shown(name, shown, settings, state)}")


def _shown(name: str, value: object, settings: Settings, state: State) -> object:
    if value != "":
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    if name == "endpoints":
        found = reach.endpoints(settings)
        return f"(this machine's own: {found[0]})" if found else "(none: give --endpoint HOST)"
    if name == "tls_name":
        return f"({carriers.site_name(state.folder, settings)})"
    return _UNSET.get(name, "(none)")


_UNSET = {
    "outward": "(those with a default route)",
    "certificate": "(one of its own)",
    "certificate_key": "(one of its own)",
    "site": "(a page of its own)",
    "decoy_name": "(one that the box chooses)",
}


def install(state_name: str, backend: str, program: str, as_json: bool) -> None:
    """Print the unit for systemd; nothing is installed."""
    text = unit.compose(folder.chosen(state_name), backend, program)
    if as_json:
        print(json.dumps({"unit": unit.NAME, "text": text}, indent=2))
        return
    print(text, end="")
    if sys.stdout.isatty():
        colour.say(unit.HINT)


def check(state_name: str, box: str, as_json: bool) -> int:
    """Look by which ways boxes get in; the exit status."""
    from undertow.gateway.check import run as run_check

    return run_check(open_state(state_name), box, as_json)


def pair(state_name: str, listen: str, port: int, as_json: bool) -> None:
    """Open a room, and let in the box whose code a person has compared."""
    from undertow.gateway.pairing.command import run as run_pairing

    run_pairing(open_state(state_name), listen, port, as_json)
