"""What a gateway keeps of its carriers, and what it tells boxes of them."""

import base64
import json
import os
import re
import stat
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from tests.gateway.power import PowerCut, PowerCutError

from pairing.info import Info
from undertow.errors import UndertowError
from undertow.gateway import box_file, carriers, settings, web
from undertow.gateway.folder import Folder
from undertow.gateway.pairing.command import Room
from undertow.gateway.pairing.person import AtPipe
from undertow.gateway.peers import Peer
from undertow.gateway.settings import Settings
from undertow.gateway.state import State
from undertow.gateway.streams import certificate
from undertow.gateway.streams.openings import recogniser
from undertow.lab.tunnel import make_key_pair
from wg import config

FORMER = {
    "version": 1,
    "name": "home",
    "port": 51821,
    "pool": "10.51.82.0/24",
    "interface": "undertow0",
    "endpoints": ["home.example.org:51821"],
    "dns": ["9.9.9.9"],
    "outward": "",
    "allow_lan": False,
    "allow_peers": True,
    "mtu": 1400,
    "keepalive_s": 25,
}


def write(folder: Folder, name: str, content: object) -> None:
    path = folder.path / name
    path.write_text(json.dumps(content))
    path.chmod(0o600)


def test_a_folder_of_the_former_version_is_taken_over(state: State) -> None:
    write(state.folder, "settings.json", FORMER)
    found = state.settings()
    assert (found.port, found.allow_peers, found.mtu) == (51821, True, 1400)
    assert found.udp_ports == Settings().udp_ports
    own = state.public_key()
    state.change_settings(shape=False)
    assert state.settings().port == 51821
    assert not state.settings().shape
    assert json.loads((state.folder.path / "settings.json").read_text())["version"] == 2
    assert state.public_key() == own


def test_a_file_of_the_former_version_that_says_more_is_broken(state: State) -> None:
    write(state.folder, "settings.json", {**FORMER, "what": 1})
    with pytest.raises(UndertowError, match="'what' is unknown"):
        state.settings()


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"udp_ports": tuple(range(1, 8))}, "up to 6 ports"),
        ({"udp_ports": (443, 443)}, "each once"),
        ({"udp_ports": (0,)}, "not from 1"),
        ({"tls_ports": (443, 80), "web_ports": (80,)}, "with TLS or without"),
        ({"tls_name": "nodots"}, "no name of a web site"),
        ({"tls_name": "192.0.2.7"}, "no name of a web site"),
        ({"decoy_name": "a b.example"}, "no name of a web site"),
        ({"certificate": "/x"}, "with its key"),
    ],
)
def test_settings_that_cannot_be_are_refused_whole(
    state: State, wanted: dict[str, object], why: str
) -> None:
    before = state.settings()
    with pytest.raises(UndertowError, match=why):
        state.change_settings(**wanted)
    assert state.settings() == before


def test_secrets_are_made_once_and_for_their_owner_alone(state: State) -> None:
    first, again = state.carriers(), State(state.folder.path).carriers()
    assert (first.path, first.high_port, first.shape_key) == (
        again.path,
        again.high_port,
        again.shape_key,
    )
    assert len(first.path) == 33
    assert 20_000 <= first.high_port < 32_000
    for name in ("carriers.json", "shape.key"):
        assert stat.S_IMODE((state.folder.path / name).stat().st_mode) == 0o600


def test_no_two_gateways_have_the_same(tmp_path: Path) -> None:
    kept = [State(tmp_path / str(number)).carriers() for number in range(8)]
    for values in (
        {each.path for each in kept},
        {bytes(each.shape_key) for each in kept},
        {each.high_port for each in kept},
    ):
        assert len(values) >= 7


def test_gateways_differ_in_the_lengths_of_their_messages(tmp_path: Path) -> None:
    sizes = {State(tmp_path / str(number)).carriers().size for number in range(24)}
    assert sizes == set(carriers.SIZES)


def test_a_gateway_that_has_boxes_keeps_the_lengths_that_they_know(state: State) -> None:
    made = json.loads((state.folder.path / "carriers.json").read_text()) if state.carriers() else {}
    del made["size"]
    write(state.folder, "carriers.json", made)
    assert state.carriers().sizes() == (16, 16, 16, 16)
    write(state.folder, "carriers.json", {**made, "size": 24})
    with pytest.raises(UndertowError, match="'size' is none of ours"):
        state.carriers()


def test_secrets_are_in_no_repr(state: State) -> None:
    kept = state.carriers()
    ways = state.ways(state.settings(), ("home.example.org:51820",))
    shown = repr(kept) + repr(ways)
    assert kept.path not in shown
    assert kept.shape_key.decode() not in shown


def test_a_broken_file_of_secrets_is_told_and_kept(state: State) -> None:
    state.carriers()
    write(state.folder, "carriers.json", {"version": 1, "path": "/short", "high_port": 1})
    with pytest.raises(UndertowError, match="'path' is none of ours"):
        state.carriers()
    assert "short" in (state.folder.path / "carriers.json").read_text()


def ways_file(state: State, endpoints: tuple[str, ...] = ("home.example.org:51820",)) -> bytearray:
    peer = Peer("attic", make_key_pair().public, IPv4Address("10.51.82.2"))
    found = state.settings()
    ways = state.ways(found, endpoints)
    text = box_file.compose(found, state.public_key(), peer, endpoints, None, ways)
    return bytearray(
        text.replace(
            b"[Interface]\n", f"[Interface]\nPrivateKey = {make_key_pair().private}\n".encode()
        )
    )


def test_the_box_reads_its_file(state: State) -> None:
    """By the box's own reader, whose rules of shapes and carriers all hold."""
    state.change_settings(decoy_name="www.example.net", endpoints=("home.example.org",))
    found = config.parse(ways_file(state, ("home.example.org:51820", "192.0.2.7:51820")))
    kept = state.carriers()
    assert found.carriers is not None
    assert found.interface.shape is not None
    assert found.interface.shape.sizes == [kept.size] * 4
    assert base64.b64encode(bytes(found.interface.shape.key or b"")) == kept.shape_key
    assert found.carriers.udp == [443, 53, 123, 500, 4500, 51820, kept.high_port]
    assert (found.carriers.tcp, found.carriers.ws, found.carriers.tls) == ([80], [80], [443])
    assert found.carriers.tls_name == "home.example.org"
    assert found.carriers.addresses == ["192.0.2.7"]
    assert found.carriers.inside == (bytes((10, 51, 82, 1)), 51821)
    assert found.carriers.decoy_name == "www.example.net"
    assert bytes(found.carriers.path or b"").decode() == kept.path
    pem = (state.folder.path / web.OWN).read_bytes()
    assert base64.b64encode(found.carriers.tls_pin or b"").decode() == certificate.pin(pem)


def test_all_fits_what_a_pairing_says(state: State) -> None:
    state.change_settings(
        name="g" * 63,
        udp_ports=(10443, 10053, 10123, 10500, 14500, 15000),
        tls_ports=(10001, 10002, 10003, 10004),
        web_ports=(20001, 20002, 20003, 20004),
        tls_name="a" * 60 + ".example.org",
        decoy_name="b" * 60 + ".example.org",
        endpoints=("gateway.at.home.example.org", "gateway.at.home.example.com"),
    )
    found = state.settings()
    info = Info(found.name)
    info.endpoints = list(found.endpoints)
    ways = state.ways(found, info.endpoints)
    info.shape, info.carriers = list(ways.shape), list(ways.carriers)
    again = Info.decode(info.encode())
    assert (again.shape, again.carriers) == (info.shape, info.carriers)


def test_what_does_not_fit_a_pairing_is_told(state: State) -> None:
    long = "a" * 63
    state.change_settings(endpoints=tuple(f"{long}.{long}.{n}.example.org" for n in range(8)))
    room = Room(state, AtPipe())
    with pytest.raises(UndertowError, match="longer than 1024 bytes"):
        room._info(IPv4Address("10.51.82.2"), "127.0.0.1")


def test_without_carriers_a_file_is_as_any_wireguard_reads_it(state: State) -> None:
    state.change_settings(udp_ports=(), tls_ports=(), web_ports=(), shape=False)
    ways = state.ways(state.settings(), ("home.example.org:51820",))
    assert list(ways.shape) == []
    assert dict(ways.carriers)["UDP"] == "51820"
    assert not {"TLS", "WS", "TCP", "Path", "TLSPin"} & set(dict(ways.carriers))


def test_the_shape_that_boxes_are_told_is_the_one_that_is_recognised(state: State) -> None:
    """The TCP ports know a shaped initiation, made by the key of the file."""
    from tests.gateway import doors

    public = base64.b64decode(state.public_key())
    kept = state.carriers()
    recognise = recogniser(public, kept.shape())
    shape = kept.shape()
    room = shape.room(1)
    datagram = bytearray(room) + doors.initiation(public)
    shape.wrap(1, datagram)
    assert datagram[room : room + 4] != b"\x01\0\0\0"
    assert recognise(bytes(datagram))
    datagram[20] ^= 1
    assert not recognise(bytes(datagram))
    other = State(state.folder.path.parent / "other").carriers().shape()
    stranger = bytearray(other.room(1)) + doors.initiation(public)
    other.wrap(1, stranger)
    assert not recognise(bytes(stranger))


@pytest.mark.parametrize("loses", PowerCut.LOSES)
def test_a_power_cut_leaves_all_secrets_or_none(tmp_path: Path, loses: str) -> None:
    """Whatever was told to a box before is still so afterwards."""
    step = 0
    while True:
        step += 1
        path = tmp_path / f"{loses} {step}"
        disk = PowerCut(step, loses)
        try:
            state = State(path, disk)
            kept = state.carriers()
            found = web.load_certificate(state.folder, state.settings())
        except PowerCutError:
            disk.settle()
            before = {f.name: f.read_bytes() for f in path.iterdir() if ".new" not in f.name}
            state = State(path)
            state.carriers()
            assert web.load_certificate(state.folder, state.settings()) is not None
            for name, data in before.items():
                assert (path / name).read_bytes() == data, name
            continue
        assert kept.path
        assert found is not None
        break
    assert step > 15


def test_another_name_gets_another_certificate_of_the_same_key(state: State) -> None:
    first = web.load_certificate(state.folder, state.settings())
    state.change_settings(tls_name="www.example.org")
    second = web.load_certificate(state.folder, state.settings())
    assert first is not None
    assert second is not None
    assert first.pin == second.pin
    shown = x509.load_pem_x509_certificate((state.folder.path / web.OWN).read_bytes())
    assert certificate.is_for(shown, "www.example.org")


def test_a_certificate_of_ones_own_is_read_when_it_is_set(state: State, tmp_path: Path) -> None:
    made, key = certificate.self_signed("home.example.org")
    other_key = certificate.self_signed("home.example.org")[1]
    names = {"certificate": str(tmp_path / "c"), "certificate_key": str(tmp_path / "k")}
    with pytest.raises(UndertowError, match="No such file"):
        state.change_settings(**names)
    (tmp_path / "c").write_bytes(made)
    (tmp_path / "k").write_bytes(other_key)
    with pytest.raises(UndertowError, match="cannot be used") as caught:
        state.change_settings(**names)
    assert b"PRIVATE" not in str(caught.value).encode()
    (tmp_path / "k").write_bytes(key)
    state.change_settings(**names)
    found = web.load_certificate(state.folder, state.settings())
    assert found is not None
    assert found.pin == certificate.pin(made)
    assert dict(state.ways(state.settings(), ()).carriers)["TLSPin"] == found.pin


def test_a_broken_certificate_of_ours_is_told_and_kept(state: State) -> None:
    web.load_certificate(state.folder, state.settings())
    file = state.folder.path / web.OWN
    file.write_text("nonsense")
    with pytest.raises(UndertowError, match="no certificate and key of ours"):
        web.load_certificate(state.folder, state.settings())
    assert file.read_text() == "nonsense"


@pytest.mark.parametrize(
    ("endpoints", "name", "expected"),
    [
        (("192.0.2.7", "home.example.org"), "", "home.example.org"),
        ((), "www.example.org", "www.example.org"),
    ],
)
def test_the_web_site_has_the_name_by_which_boxes_come(
    state: State, endpoints: tuple[str, ...], name: str, expected: str
) -> None:
    state.change_settings(name="My gate", endpoints=endpoints, tls_name=name)
    assert carriers.site_name(state.folder, state.settings()) == expected
    assert settings.is_web_name(expected)


def test_without_a_name_each_gateway_draws_its_own_and_keeps_it(tmp_path: Path) -> None:
    """No part of it is all gateways', and the certificate says nothing else."""
    names = set()
    for number in range(20):
        state = State(tmp_path / str(number))
        state.change_settings(name="My gate", endpoints=("192.0.2.7",))
        found = web.load_certificate(state.folder, state.settings())
        assert found is not None
        shown = x509.load_pem_x509_certificate(found.files[0].read_bytes())
        name = carriers.site_name(state.folder, state.settings())
        assert dict(state.ways(state.settings(), ()).carriers)["TLSName"] == name
        assert certificate.is_for(shown, name)
        assert settings.is_web_name(name)
        assert shown.subject.rfc4514_string() == shown.issuer.rfc4514_string() == f"CN={name}"
        names.add(name)
    assert len(names) == 20
    assert len({name.rpartition(".")[2] for name in names}) > 1


def test_a_gateway_whose_boxes_know_it_by_the_former_name_keeps_that(state: State) -> None:
    made = json.loads((state.folder.path / "carriers.json").read_text()) if state.carriers() else {}
    del made["name"]
    write(state.folder, "carriers.json", made)
    state.change_settings(name="My gate")
    assert carriers.site_name(state.folder, state.settings()) == "my-gate.home.arpa"
    write(state.folder, "carriers.json", {**made, "name": "no name"})
    with pytest.raises(UndertowError, match="'name' is no name of a web site"):
        state.carriers()


def test_our_certificate_is_made_as_openssl_makes_one(tmp_path: Path) -> None:
    """In everything but what is random: a form of its own would be a mark of all gateways."""
    made, _ = certificate.self_signed("www.example.org")
    (tmp_path / "ours").write_bytes(made)
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += [
        "-nodes",
        "-keyout",
        str(tmp_path / "key"),
        "-out",
        str(tmp_path / "theirs"),
        "-days",
        "3650",
    ]
    words += ["-subj", "/CN=www.example.org", "-addext", "subjectAltName=DNS:www.example.org"]
    subprocess.run(words, check=True, capture_output=True)
    ours, theirs = (_form(tmp_path / name) for name in ("ours", "theirs"))
    assert ours == theirs


def _form(file: Path) -> tuple[object, ...]:
    found = x509.load_pem_x509_certificate(file.read_bytes())
    extensions = [(each.oid, each.critical) for each in found.extensions]
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints).value
    text = subprocess.run(
        ["openssl", "x509", "-in", str(file), "-noout", "-text"], capture_output=True, check=True
    ).stdout.decode()
    shown = re.sub(r"(?m)^ +([0-9a-f]{2}:)+([0-9a-f]{2})?$", "(bytes)", text)
    shown = re.sub("[0-9A-F]{2}(:[0-9A-F]{2}){19}", "(key)", shown)
    shown = re.sub(r"(\(bytes\)\n)+", "(bytes)", shown)
    valid = found.not_valid_after_utc - found.not_valid_before_utc
    return extensions, constraints, valid, re.sub(r"Not (Before|After ?)[^\n]*", "", shown)


def test_files_of_others_are_not_taken_for_ours(state: State) -> None:
    state.carriers()
    (state.folder.path / "shape.key").chmod(0o644)
    with pytest.raises(UndertowError, match="can be read by others"):
        state.carriers()
    assert os.path.exists(state.folder.path / "shape.key")
