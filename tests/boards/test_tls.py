"""TLS on an emulated board: a tunnel in it, and that the memory it is given is enough."""

import re
import struct
import time
from pathlib import Path

from tests.boards.conftest import image
from tests.boards.recovery import until_ping
from tests.support import gdb
from tests.support.tls_ends import TODAY, context_of, issue, root, serving

from undertow.board.provision import provision
from undertow.board.scene import BOX_INNER, GATEWAY, TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.lab import censor

ARENA = 24 * 1024  # lwpath_stream.c
PATIENCE_S = 60.0
# Within the certificates' time: a board that has a clock judges by it.
CLOCK = ("-rtc", f"base={TODAY:%Y-%m-%dT%H:%M:%S}")


def used_most(board_name: str, port: Path) -> int:
    """Bytes of the arena that were ever in use, from the board's memory (cr_arena.c)."""
    places = gdb.places_of(image(board_name), "arena")
    assert ARENA in places, places
    states = [address for length, address in places.items() if length != ARENA]
    if not states:  # clang has made variables of its members
        member = gdb.address_of(image(board_name), "arena.3")
        return int.from_bytes(gdb.read(port, member, 4), "little")
    start, length, _, most = struct.unpack("<4I", gdb.read(port, states[0], 16))
    assert (start, length) == (places[ARENA], ARENA)
    return int(most)


def test_a_tunnel_goes_by_tls_where_nothing_else_passes(built_board: str, folder: Path) -> None:
    port = folder / "gdb"
    with Scene(
        built_board,
        folder,
        firmware=image(built_board),
        options=gdb.options(port),
        has_carriers=True,
    ) as scene:
        assert scene.gateway.doors is not None
        # Plain HTTP is answered by somebody else.
        scene.hotel.nat.reach_tcp(GATEWAY[0], 80, 9)
        scene.hotel.censor.become(censor.OnlyTcpWeb())
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
            client = scene.client()
            client.join()
            until_ping(client, PATIENCE_S)
            assert scene.gateway.doors.streams() == 1
        scene.rules().require_silence(scene.uplink.sent())
        most = used_most(built_board, port)
        print(f"{built_board}: {most} bytes of the arena")
        assert 4096 < most <= ARENA


def test_a_chain_of_rsa_has_room_on_a_board(built_board: str, folder: Path) -> None:
    # What takes the most: TLS is carried through, and then this is no gateway.
    pinned = root("rsa")
    shown = issue("rsa", issue("rsa", pinned, is_issuer=True))
    port = folder / "gdb"
    with (
        serving(context_of(shown, folder)) as server,
        Scene(
            built_board,
            folder,
            firmware=image(built_board),
            options=(*gdb.options(port), *CLOCK),
            has_carriers=True,
        ) as scene,
    ):
        scene.hotel.nat.reach_tcp(GATEWAY[0], 443, server.port)
        scene.hotel.censor.become(censor.OnlyTcpWeb())
        scene.power()
        with Console(scene.board.console_url) as console:
            console.hello()
            document = scene.gateway.box_file(f"{GATEWAY[0]}:{GATEWAY[1]}", BOX_INNER, TUNNEL_DNS)
            document = re.sub(r"TLSPin = .*", f"TLSPin = {pinned.pin64}", document)
            provision(
                console,
                lambda key: scene.gateway.admit(key, f"{BOX_INNER}/32"),
                document,
                "[Box]\nName = test-box\n",
            )
            end = time.monotonic() + PATIENCE_S
            while "version" not in server.seen:
                assert time.monotonic() < end, server.seen
                time.sleep(0.05)
        assert server.seen["version"] == "TLSv1.3"
        most = used_most(built_board, port)
        print(f"{built_board}: {most} bytes of the arena, {server.seen['took_s']:.2f} s")
        assert 4096 < most <= ARENA
