"""What a gateway keeps: for its owner alone, whole at any moment, and never half understood."""

import json
import multiprocessing
import os
import stat
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from tests.gateway.power import PowerCut, PowerCutError

from undertow import secret
from undertow.errors import EXIT_PORT, EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.gateway import folder as folders
from undertow.gateway import keys, peers, pool, settings
from undertow.gateway.peers import Peer, Verified
from undertow.gateway.state import State
from wg.keytext import wipe

KEY = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="
OTHER_KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="


def add(state: State, name: str, key: str = KEY, address: str = "10.51.82.2") -> None:
    with state.changing() as known:
        text = keys.to_text(bytearray(os.urandom(32)))
        known.put(Peer(name, key, IPv4Address(address), state.keep_preshared_key(text)))


def modes(path: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in path.iterdir() if file.is_file()}


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state = State(tmp_path / "gateway")
        state.public_key()
        state.change_settings(port=4444)
        add(state, "attic")
    finally:
        os.umask(before)
    assert stat.S_IMODE(state.folder.path.stat().st_mode) == 0o700
    assert modes(state.folder.path) == {0o600}
    assert len(list(state.folder.path.iterdir())) >= 5


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    State(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_key_that_others_could_read_is_refused_with_what_to_do(state: State) -> None:
    state.public_key()
    (state.folder.path / keys.PRIVATE_KEY).chmod(0o644)
    with pytest.raises(UndertowError, match="chmod 600") as caught:
        state.public_key()
    assert caught.value.exit_code == EXIT_REFUSED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_could_have_put_there_is_not_used(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mode says nothing: he may have made it before the folder was closed."""
    monkeypatch.delenv("SUDO_UID", raising=False)
    add(state, "attic")
    state.private_key().wipe()
    for name, use in (("peers.json", state.peers), (keys.PRIVATE_KEY, state.public_key)):
        path = state.folder.path / name
        os.chown(path, 12345, -1)
        with pytest.raises(UndertowError, match="another user") as caught:
            use()
        assert caught.value.exit_code == EXIT_REFUSED
        monkeypatch.setenv("SUDO_UID", "12345")  # who has called sudo is root here anyway
        use()
        monkeypatch.delenv("SUDO_UID")
        os.chown(path, 0, -1)
    os.chown(state.folder.path, 12345, -1)
    with pytest.raises(UndertowError, match="another user"):
        State(state.folder.path)


def test_the_private_key_is_made_once_and_stays(state: State) -> None:
    first = state.public_key()
    assert state.public_key() == State(state.folder.path).public_key() == first
    text = (state.folder.path / keys.PRIVATE_KEY).read_bytes()
    assert first.encode() not in text and len(text) == 45


def test_no_key_is_in_what_may_be_shown(state: State) -> None:
    add(state, "attic")
    (file,) = state.folder.path.glob("psk-*")
    secrets = [file.read_text().strip(), (state.public_key(), _private(state))[1]]
    shown = repr(state.peers()) + repr(state.settings())
    shown += (state.folder.path / "peers.json").read_text()
    assert not any(secret in shown for secret in secrets)


def _private(state: State) -> str:
    return (state.folder.path / keys.PRIVATE_KEY).read_text().strip()


# --- power cuts ---


def test_a_power_cut_at_any_step_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    """Every step of letting a second box in, with what a disk may lose at each."""
    outcomes = set()
    for step in range(1, 60):
        for loses in PowerCut.LOSES:
            path = tmp_path / f"{step}-{loses}"
            add(State(path), "attic")
            cut = PowerCut(step, loses)
            try:
                add(State(path, cut), "barn", OTHER_KEY, "10.51.82.3")
            except PowerCutError:
                cut.settle()
            found = State(path).peers()
            names = frozenset(found.by_name)
            assert names in ({"attic"}, {"attic", "barn"}), f"step {step}, {loses}: {names}"
            for peer in found.by_name.values():
                psk = State(path).preshared_key(peer)
                assert psk is not None and len(psk) == 44
            # And life goes on.
            add(State(path), "cellar", "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "10.51.82.4")
            assert "cellar" in State(path).peers().by_name
            assert not list(path.glob("*.new"))
            outcomes.add((names, cut.is_cut))
        if not cut.is_cut:
            break
    assert (frozenset({"attic"}), True) in outcomes
    assert (frozenset({"attic", "barn"}), True) in outcomes
    assert (frozenset({"attic", "barn"}), False) in outcomes


def test_a_full_disk_changes_nothing_and_says_so(state: State, tmp_path: Path) -> None:
    add(state, "attic")
    before = (state.folder.path / "peers.json").read_bytes()

    class Full(PowerCut):
        def write(self, descriptor: int, data: object) -> None:
            raise OSError(28, os.strerror(28))

    with pytest.raises(UndertowError, match="No space left"):
        add(State(state.folder.path, Full(10**6, "nothing")), "barn", OTHER_KEY, "10.51.82.3")
    assert (state.folder.path / "peers.json").read_bytes() == before
    assert not list(state.folder.path.glob("*.new"))


# --- two at once ---


def _add_many(path: Path, first: int) -> None:
    state = State(path)
    for number in range(first, first + 20):
        with state.changing() as known:
            address = pool.free(state.settings().network(), known, 0)
            key = keys.to_text(bytearray(os.urandom(32))).decode()
            known.put(Peer(f"box-{number}", key, address))


def test_two_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_add_many, args=(tmp_path, first)) for first in (0, 20)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    found = State(tmp_path).peers().by_name
    assert len(found) == 40
    assert len({peer.address for peer in found.values()}) == 40


def test_who_waits_too_long_for_another_is_told(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "PATIENCE_S", 0.1)
    with state.folder.locked(), pytest.raises(UndertowError, match="Another command"):
        add(State(state.folder.path), "attic")


def test_only_one_gateway_runs_from_a_folder(state: State) -> None:
    assert not state.folder.is_running()
    with state.folder.running():
        assert state.folder.is_running()
        with (
            pytest.raises(UndertowError, match="already runs") as caught,
            State(state.folder.path).folder.running(),
        ):
            pass
        assert caught.value.exit_code == EXIT_PORT
    assert not state.folder.is_running()


# --- what others wrote ---

BROKEN = {
    "cut off": '{"version": 1, "peers": [',
    "not text": "\udcff",
    "no object": "[]",
    "without a version": '{"peers": [], "reserved": {}}',
    "a version that is none": '{"version": "1", "peers": [], "reserved": {}}',
    "true is no version": '{"version": true, "peers": [], "reserved": {}}',
    "too much": '{"version": 1, "peers": [], "reserved": {}, "more": 1}',
    "too little": '{"version": 1, "peers": []}',
    "twice": '{"version": 1, "peers": [], "peers": [], "reserved": {}}',
    "a name to escape by": '{"version": 1, "reserved": {}, "peers": [{"name": "\\u001b[2J", '
    f'"public_key": "{KEY}", "address": "10.51.82.2"}}]}}',
    "a file elsewhere": '{"version": 1, "reserved": {}, "peers": [{"name": "a", "psk": "../x", '
    f'"public_key": "{KEY}", "address": "10.51.82.2"}}]}}',
    "no key": '{"version": 1, "reserved": {}, "peers": [{"name": "a", "public_key": "x", '
    '"address": "10.51.82.2"}]}',
    "nested too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_and_never_overwritten(state: State, text: str) -> None:
    file = state.folder.path / "peers.json"
    file.write_text(text, errors="surrogateescape")
    file.chmod(0o600)
    before = file.read_bytes()
    for attempt in (state.peers, lambda: add(state, "attic")):
        with pytest.raises(UndertowError, match=str(file)) as caught:
            attempt()
        assert caught.value.exit_code == EXIT_REFUSED
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["peers.json", "settings.json", "lockout.json", "run.json"])
def test_files_of_a_newer_version_are_left_to_it(state: State, name: str) -> None:
    from undertow.gateway import changes
    from undertow.gateway.lockout import KeptLockout

    file = state.folder.path / name
    file.write_text(json.dumps({"version": 3, "what": "we do not know"}))
    file.chmod(0o600)
    readers = {
        "peers.json": state.peers,
        "settings.json": state.settings,
        "lockout.json": lambda: KeptLockout(state.folder).locked_s(0),
        "run.json": lambda: changes.load(state.folder),
    }
    with pytest.raises(UndertowError, match="newer Undertow"):
        readers[name]()


def test_what_is_written_is_read_again(state: State) -> None:
    state.change_settings(name="home", dns=("192.0.2.1",), endpoints=("[2001:db8::1]:443",))
    found = State(state.folder.path).settings()
    assert (found.name, found.dns, found.endpoints) == (
        "home",
        ("192.0.2.1",),
        ("[2001:db8::1]:443",),
    )
    wanted = Peer("a", KEY, IPv4Address("10.51.82.9"), None, Verified(KEY, OTHER_KEY, 5))
    with state.changing() as known:
        known.put(wanted)
    assert state.peers().by_name == {"a": wanted}


BAD_SETTINGS = (
    {"port": 0},
    {"port": 65536},
    {"pool": "10.0.0.0/31"},
    {"pool": "10.0.0.1/24"},
    {"pool": "10.0.0.0/8"},
    {"pool": "8.8.8.0/24"},
    {"pool": "fd00::/64"},
    {"interface": 'eth0" accept'},
    {"interface": ""},
    {"outward": "a b"},
    {"dns": ()},
    {"dns": ("::1",)},
    {"dns": ("1.1.1.1; drop",)},
    {"endpoints": ("no one:1",)},
    {"endpoints": ("home.example:0",)},
    {"mtu": 1500},
    {"name": "a\nb"},
    {"keepalive_s": -1},
)


@pytest.mark.parametrize("wanted", BAD_SETTINGS, ids=str)
def test_a_setting_that_cannot_be_is_refused_whole(state: State, wanted: dict[str, object]) -> None:
    state.change_settings(port=4444)
    with pytest.raises(UndertowError, match="cannot be used") as caught:
        state.change_settings(**{"allow_lan": True, **wanted})
    assert caught.value.exit_code == EXIT_USAGE
    assert (state.settings().port, state.settings().allow_lan) == (4444, False)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("home.example", "home.example:51820"),
        ("home.example:1", "home.example:1"),
        ("192.0.2.1", "192.0.2.1:51820"),
        ("2001:db8::1", "[2001:db8::1]:51820"),
        ("[2001:db8::1]", "[2001:db8::1]:51820"),
        ("[2001:db8::1]:443", "[2001:db8::1]:443"),
    ],
)
def test_an_endpoint_gets_the_gateways_port_unless_it_has_one(text: str, whole: str) -> None:
    assert settings.endpoint(text, 51820) == whole


# --- addresses, keys, states ---


def test_the_pool_gives_the_lowest_that_is_free_and_never_the_gateways_own(state: State) -> None:
    state.change_settings(pool="10.9.0.0/29")
    network = state.settings().network()
    known = state.peers()
    for last in (2, 3, 4, 5, 6):
        address = pool.free(network, known, 0)
        assert str(address) == f"10.9.0.{last}"
        known.put(Peer(f"box-{last}", keys.to_text(bytearray(os.urandom(32))).decode(), address))
    with pytest.raises(UndertowError, match="no address left"):
        pool.free(network, known, 0)
    del known.by_name["box-4"]
    assert str(pool.free(network, known, 0)) == "10.9.0.4"


def test_a_promised_address_is_given_away_when_its_time_is_over(state: State) -> None:
    known = state.peers()
    network = state.settings().network()
    known.reserved[IPv4Address("10.51.82.2")] = 1000
    assert str(pool.free(network, known, 999)) == "10.51.82.3"
    assert str(pool.free(network, known, 1000)) == "10.51.82.2"


@pytest.mark.parametrize("address", ["10.51.82.0", "10.51.82.1", "10.51.82.255", "10.51.83.5"])
def test_addresses_that_no_box_can_have_are_refused(state: State, address: str) -> None:
    with pytest.raises(UndertowError, match="cannot be given"):
        pool.check(IPv4Address(address), state.settings().network(), state.peers(), "attic")


def test_the_pool_stays_while_boxes_have_addresses_of_it(state: State) -> None:
    add(state, "attic")
    with pytest.raises(UndertowError, match="attic"):
        state.change_settings(pool="10.52.0.0/24")
    with state.changing() as known:
        del known.by_name["attic"]
    assert state.change_settings(pool="10.52.0.0/24").pool == "10.52.0.0/24"
    assert not list(state.folder.path.glob("psk-*"))


def test_a_key_that_changed_after_it_was_compared_is_told() -> None:
    address = IPv4Address("10.51.82.2")
    own = "a gateway's"
    assert Peer("a", KEY, address).state(own) == peers.NOT_VERIFIED
    verified = Verified(KEY, own, 1)
    assert Peer("a", KEY, address, None, verified).state(own) == peers.VERIFIED
    assert Peer("a", OTHER_KEY, address, None, verified).state(own) == peers.KEY_CHANGED
    # Also when it is the gateway that has another key.
    assert Peer("a", KEY, address, None, verified).state("another") == peers.KEY_CHANGED


def test_a_preshared_key_file_has_to_hold_one(tmp_path: Path) -> None:
    good = tmp_path / "good"
    good.write_text(f"  {KEY}\r\n")
    text = secret.read_preshared_key(str(good))
    assert bytes(text).decode() == KEY
    wipe(text)
    for bad in ("", "x" * 44, KEY + KEY, "A" * 43 + "=", KEY[:-2] + "9="):
        good.write_text(bad)
        with pytest.raises(UndertowError, match="no preshared key") as caught:
            secret.read_preshared_key(str(good))
        assert bad.strip() == "" or bad[:20] not in str(caught.value)
