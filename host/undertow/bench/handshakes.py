"""Handshakes: how soon one is answered, how many in a second, and what a peer costs in memory.

The peers are those of the lab's crowd, one outer address each; every contender is the responder.
Their initiations are made before the clock starts, so that Python is not what is measured, and a
cookie that a contender asks for under load is paid and counted in.
"""

import itertools
import select
import socket
import statistics
import time
from base64 import b64decode
from typing import Any

from undertow import progress
from undertow.bench.contenders import OURS, Contender, contenders
from undertow.bench.table import Line, Table
from undertow.lab import Capture, Lab, Namespace, Tunnel
from undertow.lab.crowd import RemotePeer, make_gateway, remote_peers
from undertow.lab.errors import LabError
from undertow.lab.initiator import Initiator
from undertow.lab.pair import PORT

QUIET = 50
QUIET_PAUSE_S = 0.03
CROWDS = (300, 1000)
OUTSTANDING = 32
PATIENCE_S = 2.0


def measure() -> dict[str, Any]:
    """Per contender: "answer_ms", "per_s", "cpu_ms", and memory in KiB by the number of peers."""
    found: dict[str, Any] = {}
    with progress.step("Measuring handshakes and memory") as step:
        for contender in contenders():
            step.detail(contender.name)
            found[contender.name] = _measure(contender)
    return found


def _measure(contender: Contender) -> dict[str, Any]:
    result: dict[str, Any] = {"memory_kib": {}}
    with Lab() as lab:
        gateway, crowd = make_gateway(lab, contender.implementation)
        gateway.start(PORT)
        time.sleep(0.5)
        result["memory_kib"]["0"] = gateway.process.memory_kib()
        gateway.stop()
    for count in CROWDS:
        with Lab() as lab:
            gateway, crowd = make_gateway(lab, contender.implementation)
            with remote_peers(crowd, count) as peers:
                gateway.start(PORT, tuple(peer.settings() for peer in peers))
                if count == CROWDS[0]:
                    result["answer_ms"] = _answer_times(gateway, crowd, peers[:QUIET])
                    rest = peers[QUIET:]
                else:
                    rest = peers
                rush = _rush(gateway, rest)
                result["memory_kib"][str(count)] = gateway.process.memory_kib()
            gateway.stop()
    return {**result, **rush}


def _answer_times(gateway: Tunnel, crowd: Namespace, peers: list[RemotePeer]) -> list[float]:
    """Milliseconds between initiation and response on the cable, one peer after the other."""
    with Capture(crowd, "eth0") as capture:
        for peer in peers:
            peer.shake_hands(gateway)
            time.sleep(QUIET_PAUSE_S)
    asked = [seen.time_ns for seen in capture.datagrams() if seen.payload[0] == 1]
    answered = [seen.time_ns for seen in capture.datagrams() if seen.payload[0] == 2]
    pairs = zip(asked, answered, strict=True)
    return [round((answer - question) / 1e6, 3) for question, answer in pairs]


def _rush(gateway: Tunnel, peers: list[RemotePeer]) -> dict[str, float]:
    """All peers shake hands as fast as the gateway answers."""
    public = b64decode(gateway.key.public)
    initiators = [Initiator(peer.private, public) for peer in peers]
    letters = [initiator.initiation() for initiator in initiators]
    numbers = {peer.socket.fileno(): number for number, peer in enumerate(peers)}
    waiting = select.epoll()
    cookies = 0
    done: list[tuple[int, bytes]] = []
    cpu_before, start = gateway.process.cpu_s(), time.monotonic()
    unsent = iter(range(len(peers)))
    for number in itertools.islice(unsent, OUTSTANDING):
        _post(waiting, peers[number].socket, letters[number])
    while len(done) < len(peers):
        ready = waiting.poll(PATIENCE_S)
        if not ready:
            raise LabError(
                f"{gateway.implementation} answered {len(done)} of {len(peers)} handshakes",
                f"then it said nothing for {PATIENCE_S:.0f} s",
            )
        for descriptor, _ in ready:
            number = numbers[descriptor]
            answer = peers[number].socket.recv(2048)
            if answer[0] == 3:
                cookies += 1
                again = initiators[number].with_cookie(letters[number], answer)
                peers[number].socket.send(again)
            elif answer[0] == 2:
                done.append((number, answer))
                waiting.unregister(descriptor)
                for fresh in itertools.islice(unsent, 1):
                    _post(waiting, peers[fresh].socket, letters[fresh])
    seconds = time.monotonic() - start
    cpu_s = gateway.process.cpu_s() - cpu_before
    waiting.close()
    for number, answer in done:
        initiators[number].finish(answer)
    return {
        "per_s": round(len(peers) / seconds),
        "cpu_ms": round(cpu_s * 1000 / len(peers), 3),
        "cookies": cookies,
    }


def _post(waiting: select.epoll, out: socket.socket, letter: bytes) -> None:
    waiting.register(out.fileno(), select.EPOLLIN)
    out.send(letter)


def report(result: dict[str, Any]) -> Table:
    """Medians beside the targets."""
    lines = []
    for name, found in result.items():
        median = statistics.median(found["answer_ms"])
        target, met = ("<= 2 ms", median <= 2.0) if name == OURS else ("", None)
        note = f"on the wire, {len(found['answer_ms'])} peers, at most {max(found['answer_ms'])} ms"
        lines.append(Line(f"initiation to response: {name}", f"{median:.2f} ms", note, target, met))
    for name, found in result.items():
        note = f"{found['cpu_ms']:.2f} ms of processor each, {found['cookies']} cookies asked for"
        lines.append(Line(f"handshakes: {name}", f"{found['per_s']} /s", note))
    for name, found in result.items():
        memory = found["memory_kib"]
        most = str(max(CROWDS))
        each = (memory[most]["pss"] - memory["0"]["pss"]) / int(most)
        steps = ", ".join(
            f"{count}: {used['rss'] / 1024:.1f} MiB resident, {used['pss'] / 1024:.1f} own share"
            for count, used in memory.items()
        )
        lines.append(Line(f"memory of a peer with session: {name}", f"{each:.1f} KiB", steps))
    return Table("Handshakes and memory", lines)
