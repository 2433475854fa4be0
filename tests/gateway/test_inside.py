"""The service inside of the tunnel, and the questions of `gateway check`, on loopback."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import IPv4Address
from typing import Any

import pytest
from tests.gateway import doors

from carrier import inside
from undertow.errors import UndertowError
from undertow.gateway import inside as inside_module
from undertow.gateway import questions
from undertow.gateway.inside import Service
from undertow.gateway.questions import Questions
from undertow.gateway.state import State
from undertow.gateway.streams.background import Background

TOKEN = b"12345678"
PORTS = [(443, True), (53, True)]


def run(body: Callable[[Service, int], Awaitable[None]]) -> None:
    async def main() -> None:
        service = Service()
        port = service.listen("127.0.0.1", 0)
        try:
            await asyncio.wait_for(body(service, port), 20)
        finally:
            service.end()

    asyncio.run(main())


async def receive(where: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(where, 2000)


def box(address: str = "127.0.0.2") -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, 0))
    made.setblocking(False)
    return made


def test_what_is_no_question_is_not_answered() -> None:
    async def body(_: Service, port: int) -> None:
        with box() as asker:
            for nonsense in (
                b"",
                b"\x02\x01" + bytes(10),
                b"\x01\x09" + bytes(10),
                inside.message(inside.ECHOED, TOKEN, 1),
                inside.message(inside.SEEN, TOKEN, 1),
                inside.check(TOKEN, 1, PORTS),
                inside.message(inside.ECHO, TOKEN, 1) + bytes(2000),
            ):
                asker.sendto(nonsense, ("127.0.0.1", port))
            asker.sendto(inside.message(inside.ECHO, TOKEN, 7, b"last"), ("127.0.0.1", port))
            assert await receive(asker) == inside.message(inside.ECHOED, TOKEN, 7, b"last")

    run(body)


def test_where_a_box_is_seen_it_is_told_and_nobody_else() -> None:
    async def body(service: Service, port: int) -> None:
        service.places = {"127.0.0.2": bytes(11)}
        for address, expected in (("127.0.0.2", bytes(11)), ("127.0.0.3", b"")):
            with box(address) as asker:
                asker.sendto(inside.message(inside.WHERE, TOKEN, 1), ("127.0.0.1", port))
                found = inside.read(await receive(asker))
                assert found is not None
                assert inside.read_seen(found) == expected

    run(body)


def test_a_report_counts_only_from_the_box_that_was_asked() -> None:
    async def body(service: Service, port: int) -> None:
        with box() as asked, box("127.0.0.3") as other:
            asked.sendto(inside.message(inside.ECHO, TOKEN, 1), ("127.0.0.1", port))
            await receive(asked)
            waiting = asyncio.create_task(service.check(IPv4Address("127.0.0.2"), PORTS))
            question = inside.read(await receive(asked))
            assert question is not None
            lie = inside.report(question.token, 0, [(443, True, inside.SILENT)])
            truth = inside.report(question.token, 0, [(443, True, inside.ANSWERED)])
            other.sendto(lie, ("127.0.0.1", port))
            asked.sendto(inside.report(TOKEN, 0, [(1, True, 1)]), ("127.0.0.1", port))
            await asyncio.sleep(0.05)
            asked.sendto(truth, ("127.0.0.1", port))
            assert await waiting == [(443, True, inside.ANSWERED)]
            # Once more comes to nothing.
            asked.sendto(lie, ("127.0.0.1", port))

    run(body)


def test_a_box_that_says_nothing_is_asked_again_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inside_module, "REPORT_S", 0.05)

    async def body(service: Service, port: int) -> None:
        with box() as asked:
            asked.sendto(inside.message(inside.ECHO, TOKEN, 1), ("127.0.0.1", port))
            await receive(asked)
            assert await service.check(IPv4Address("127.0.0.2"), PORTS) is None
            first, second = await receive(asked), await receive(asked)
            assert first == second
            assert not service._checks

    run(body)


def test_questions_are_answered_to_the_owner_alone(state: State, tmp_path: Any) -> None:
    async def answer(question: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"heard": question["what"]}

    made = Questions(state.folder, answer)
    (tmp_path / "house").mkdir()
    with doors.opened(tmp_path / "house") as house:
        background: Background = house.background
        background.wait_for(made.begin())
        assert made.path.stat().st_mode & 0o777 == 0o600
        assert questions.ask(state.folder, what=1) == {"heard": 1}
        # What is none ends without an answer, and the next is heard.
        with pytest.raises(UndertowError):
            questions.ask(state.folder, other=1)
        assert questions.ask(state.folder, what=2) == {"heard": 2}
        background.call(made.end)
    assert not made.path.exists()
    with pytest.raises(UndertowError, match="does not run"):
        questions.ask(state.folder, what=3)


def test_a_socket_that_a_killed_run_left_behind_is_no_obstacle(state: State, tmp_path: Any) -> None:
    async def answer(_: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(state.folder.path / questions.FILE))
    stale.close()
    with doors.opened(tmp_path) as house:
        made = Questions(state.folder, answer)
        house.background.wait_for(made.begin())
        assert questions.ask(state.folder) == {}
        house.background.call(made.end)
