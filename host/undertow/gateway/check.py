"""`undertow gateway check`: by which ways a box really gets in, looked at from here and from there.

From here: whether each port is open, and what could be in its way. From there: a box that is in
asks each UDP port past its tunnel (a probe, firmware/lib/wg/probe.py), opens a WebSocket at each
TCP port, and says what came of it.
"""

import json
import socket
import ssl
from dataclasses import asdict
from typing import Any

from carrier import inside
from undertow.errors import EXIT_FAILURE, EXIT_NO_BOX, EXIT_USAGE, UndertowError
from undertow.gateway import (
    backends,
    carriers,
    changes,
    firewall,
    outside,
    questions,
    reach,
    web,
)
from undertow.gateway.backend import KERNEL
from undertow.gateway.outside import BAD, GOOD, UNKNOWN, Finding
from undertow.gateway.peers import Peer
from undertow.gateway.settings import Settings
from undertow.gateway.state import State
from undertow.terminal import colour

_STYLES = {GOOD: colour.GOOD, BAD: colour.ALARM, UNKNOWN: colour.PLAIN}
_TIMEOUT_S = 5.0


def run(state: State, box: str, as_json: bool) -> int:
    """The exit status: 0 when nothing is in the way. UndertowError: nothing could be looked at."""
    settings = state.settings()
    running = questions.ask(state.folder)
    findings = from_here(state, settings, running)
    peer = _chosen(state, box)
    reached: list[Finding] = []
    if peer is not None:
        reached = from_there(state, settings, running, peer)
    findings += reached
    _show(findings, peer, as_json)
    if any(finding.state == BAD for finding in findings):
        return EXIT_FAILURE
    return 0 if any(finding.state == GOOD for finding in reached) else EXIT_NO_BOX


# --- from here ---


def from_here(state: State, settings: Settings, running: dict[str, Any]) -> list[Finding]:
    """What this machine itself can tell. running: what the gateway that runs says."""
    found = [_address(settings)]
    refused = {("TCP", int(p)): why for p, why in running.get("refused_tcp", {}).items()}
    known = changes.load(state.folder)
    if known is not None:
        numbers = backends.refused(known.backend, known.interface)
        refused |= {("UDP", port): why for port, why in numbers.items()}
    found += [_taken(kind, port, why) for (kind, port), why in sorted(refused.items())]
    tcp = {int(port): secure for port, secure in running.get("tcp", {}).items()}
    found += [_web(state, settings, port, secure) for port, secure in sorted(tcp.items())]
    ports = firewall.Ports(_udp(state, settings), tuple(sorted(tcp)))
    for obstacle in firewall.obstacles(settings.interface):
        text = firewall.hint(obstacle, settings, ports)
        found.append(Finding("firewall", UNKNOWN, text))
    return found


def _udp(state: State, settings: Settings) -> tuple[int, ...]:
    kept = state.carriers()
    kept.wipe()
    return carriers.udp_ports(settings, kept)


def _address(settings: Settings) -> Finding:
    endpoints = reach.endpoints(settings)
    if endpoints:
        return Finding("address", GOOD, f"boxes look for this gateway at {', '.join(endpoints)}")
    return Finding(
        "address",
        BAD,
        "Boxes that are not at home do not find this gateway",
        "Its own address means nothing elsewhere, and none has been set.",
        "undertow gateway set --endpoint HOST, with the address or name of your router.",
    )


def _taken(kind: str, port: int, why: str) -> Finding:
    settle = "--udp-ports" if kind == "UDP" else "--tls-ports or --web-ports"
    return Finding(
        f"{kind} {port}",
        BAD,
        f"{kind} port {port} is not open",
        f"The system says: {why}. Another program may have it.",
        f"Look who has it: ss -ln{kind[0].lower()}p sport = {port}. Stop that one, or leave the "
        f"port out: undertow gateway set {settle}.",
    )


def _web(state: State, settings: Settings, port: int, secure: bool) -> Finding:
    """Ask our own web site for a page, as a visitor does."""
    where = f"TCP {port}"
    try:
        with socket.create_connection(("127.0.0.1", port), _TIMEOUT_S) as connection:
            name = carriers.site_name(state.folder, settings)
            said = _page(state, settings, connection) if secure else _said(connection, name)
    except (OSError, UndertowError) as error:
        return Finding(
            where,
            BAD,
            f"Our own web site does not answer at {where}",
            f"That is: {error}.",
            "Look at what the gateway says: a folder or a certificate may be broken.",
        )
    if not said.startswith(b"HTTP/1.1 ") or b"\r\nServer: nginx\r\n" not in said:
        return Finding(
            where,
            BAD,
            f"Something else answers at {where}",
            "It is not our web site; a rule may lead the port elsewhere.",
            "See `nft list ruleset`.",
        )
    return Finding(where, GOOD, f"our web site answers at {where}{' by TLS' if secure else ''}")


def _page(state: State, settings: Settings, connection: socket.socket) -> bytes:
    found = web.load_certificate(state.folder, settings)
    # Which certificate it is we know by its pin: it may well be one of our own making.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    name = carriers.site_name(state.folder, settings)
    with context.wrap_socket(connection, server_hostname=name) as secured:
        shown = secured.getpeercert(binary_form=True) or b""
        if found is None or web.pin_of_der(shown) != found.pin:
            raise ssl.SSLError("another certificate is shown than the one that boxes know")
        return _said(secured, name)


def _said(connection: socket.socket, name: str) -> bytes:
    connection.sendall(f"HEAD / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    return connection.recv(4096)


# --- from there ---


def _chosen(state: State, name: str) -> Peer | None:
    """The box that is to look: the one of that name, else who came last; None: nobody is in."""
    known = state.peers().by_name
    if name and name not in known:
        raise UndertowError(
            f"There is no box '{name}'",
            f"Those that there are: {', '.join(sorted(known)) or 'none yet'}.",
            "Give the name as `undertow gateway list` has it.",
            EXIT_USAGE,
        )
    running = changes.load(state.folder)
    if name or running is None:
        return known.get(name)
    traffic = backends.traffic(running.backend, running.interface)
    came = {
        peer: traffic[peer.public_key].handshake_s
        for peer in known.values()
        if peer.public_key in traffic
    }
    last = max(came, key=lambda peer: came[peer], default=None)
    return last if last is not None and came[last] else None


def from_there(
    state: State, settings: Settings, running: dict[str, Any], peer: Peer
) -> list[Finding]:
    """What a box sees of our ports past its tunnel."""
    tcp = {int(port): secure for port, secure in running.get("tcp", {}).items()}
    # First: the list has its end.
    ports = [(port, inside.BY_TLS if tcp[port] else inside.BY_WS) for port in sorted(tcp)]
    told = []
    if running.get("backend") == KERNEL or not settings.shape:
        told.append(_cannot_ask(running.get("backend") == KERNEL))
    else:
        udp = _udp(state, settings)
        ports += [(port, how) for port in udp for how in (inside.SHAPED, inside.PLAIN)]
    if not ports:
        return told
    answer = questions.ask(state.folder, box=str(peer.address), ports=ports[: inside.PORTS_MAX])
    results = answer.get("results")
    if results is None:
        return [*told, _silent(peer)]
    return told + [
        outside.told(int(port), int(how), int(result), peer.name) for port, how, result in results
    ]


def _silent(peer: Peer) -> Finding:
    return Finding(
        "outside",
        UNKNOWN,
        f"{peer.name} does not say what it sees",
        "It is not in just now, has no [Carriers] in its file, or is a WireGuard of another kind.",
        "Look with `undertow gateway list`; pair it again, or name another box: --box NAME.",
    )


def _cannot_ask(is_kernel: bool) -> Finding:
    what = "The kernel's WireGuard answers no probes" if is_kernel else "No probe without a shape"
    return Finding(
        "outside",
        UNKNOWN,
        f"{what}: UDP ports are not looked at",
        "A probe is recognised by the key of the shape.",
        "Run our own data path." if is_kernel else "undertow gateway set --shape.",
    )


def _show(findings: list[Finding], peer: Peer | None, as_json: bool) -> None:
    if as_json:
        found = {"box": peer.name if peer else None, "found": [asdict(each) for each in findings]}
        print(json.dumps(found, indent=2))
        return
    for finding in findings:
        colour.say(finding.what, _STYLES[finding.state])
        for line in (finding.why, finding.mend):
            if line:
                colour.say(f"  {line}")
    if peer is None:
        colour.say(
            "No box is in that could look from outside. Let one in, and run this again.",
            colour.WARNING,
        )
