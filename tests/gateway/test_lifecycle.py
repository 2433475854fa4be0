"""Starting, stopping, being killed, and leaving nothing behind."""

import json
import os
import signal
from pathlib import Path

import pytest
from tests.gateway.home import GATEWAY, GO, OURS, WEB, Home

from undertow.errors import EXIT_PORT, EXIT_REFUSED, EXIT_USAGE
from undertow.gateway import pool
from undertow.gateway.peers import Peer, Verified
from undertow.lab.namespace import wait_until
from undertow.lab.sockets import Caller, Echo
from undertow.lab.tunnel import Tunnel, make_key_pair


def carries(home: Home, box: Tunnel) -> bool:
    with Echo(home.web, WEB), Caller(box.namespace, WEB) as caller:
        return caller.wait(15.0) >= 0


def wait_for_the_end_of_the_interface(home: Home) -> None:
    def is_gone() -> bool:
        return home.gateway.attempt("ip", "link", "show", home.interface).returncode != 0

    wait_until(is_gone, 10.0, lambda: "the interface outlives its program")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_stays_behind(home: Home, number: signal.Signals) -> None:
    before = home.leftovers()
    gateway = home.run()
    assert carries(home, home.box("attic"))
    assert home.leftovers() != before
    gateway.signal(number)
    assert gateway.wait() == 0
    assert home.leftovers() == before
    assert not (home.folder / "run.json").exists()


def test_the_next_run_cleans_up_after_one_that_was_killed(home: Home) -> None:
    before = home.leftovers()
    gateway = home.run()
    box = home.box("attic")
    assert carries(home, box)
    gateway.kill()
    wait_for_the_end_of_the_interface(home)
    # What is left behind opens nothing: the rules are still there.
    assert f"undertow_gateway_{home.interface}" in home.rules()
    second = home.run()
    assert "cleaned up after a run that was killed" in second.log()
    # Who was in before comes back by itself, when its session has been silent for long enough.
    assert carries(home, home.box("barn"))
    second.stop()
    assert home.leftovers() == before


def test_a_run_after_one_that_was_killed_removes_its_interface_under_another_name(
    home: Home,
) -> None:
    before = home.leftovers()
    home.run().kill()
    home.interface = home.lab.interface_name("ut")
    home.undertow("set", "--interface", home.interface)
    home.run().stop()
    assert home.leftovers() == before


def test_forwarding_that_was_on_stays_on_and_others_stay_routed(home: Home) -> None:
    home.gateway.set_sysctl("ipv4/ip_forward", 1)
    before = home.leftovers()
    gateway = home.run()
    assert carries(home, home.box("attic"))
    with Echo(home.web, WEB), Caller(home.printer, WEB) as caller:
        home.internet.route("192.168.7.0/24", "via", GATEWAY)
        home.web.route("192.168.7.0/24", "via", "203.0.113.1")
        caller.wait()
    gateway.stop()
    assert home.leftovers() == before


def test_a_router_that_others_made_meanwhile_stays_one(home: Home) -> None:
    gateway = home.run()
    home.gateway.set_sysctl("ipv4/ip_forward", 1)
    gateway.stop()
    assert set(home.forwarding().values()) == {"1"}


def test_a_new_way_out_is_followed(home: Home) -> None:
    gateway = home.run()
    box = home.box("attic")
    assert home.forwarding()["eth1"] == "0"
    home.gateway.ip("route", "del", "default")
    gateway.wait_for("no default route")
    home.gateway.route("default", "via", "192.168.7.9")
    wait_until(lambda: home.forwarding()["eth1"] == "1", 10.0, lambda: gateway.log())
    home.gateway.ip("route", "del", "default")
    home.gateway.route("default", "via", "198.51.100.1")
    assert carries(home, box)
    gateway.stop()
    assert home.forwarding()["eth1"] == "0"


def test_the_other_firewall_is_told_of(home: Home) -> None:
    home.gateway.nft(
        "table inet strict { chain through { type filter hook forward priority filter; "
        "policy drop;\n}\n}"
    )
    gateway = home.run()
    gateway.wait_for("another firewall (inet strict through)")
    assert f'iifname "{home.interface}" accept' in gateway.log()


def fails(home: Home, *words: str) -> tuple[int, str]:
    process = home.gateway.start(*home.command("run", *words), environment=home.environment())
    return process.wait(20.0), process.log()


def test_a_taken_port_is_told_and_nothing_stays(home: Home) -> None:
    before = home.leftovers()
    with home.gateway.socket() as holder:
        holder.bind(("0.0.0.0", 51820))
        status, said = fails(home)
    assert status == EXIT_PORT
    assert "UDP port 51820 is taken" in said and "Traceback" not in said
    assert home.leftovers() == before


def test_an_interface_of_others_is_left_alone(home: Home) -> None:
    home.gateway.ip("link", "add", home.interface, "type", "veth", "peer", "name", "other")
    status, said = fails(home)
    assert status == EXIT_PORT
    assert f"There is an interface {home.interface} already" in said
    home.gateway.ip("link", "show", home.interface)


def test_two_runs_from_one_folder_are_one_too_many(home: Home) -> None:
    gateway = home.run()
    status, said = fails(home)
    assert status == EXIT_PORT and "already runs" in said
    assert carries(home, home.box("attic"))
    assert gateway.running()


def test_a_data_path_that_ends_ends_the_gateway_and_nothing_stays(home: Home) -> None:
    before = home.leftovers()
    gateway = home.run()
    home.gateway.ip("link", "del", home.interface)
    assert gateway.wait() == 1
    assert "has ended by itself" in gateway.log()
    assert home.leftovers() == before


def test_a_broken_file_while_it_runs_shuts_nobody_out(home: Home) -> None:
    gateway = home.run()
    box = home.box("attic")
    assert carries(home, box)
    file = home.folder / "peers.json"
    good = file.read_bytes()
    file.write_bytes(b"{")
    gateway.wait_for("cannot be taken over")
    assert carries(home, box)
    file.write_bytes(good)
    home.let_in("barn")


def test_json_lines_say_what_the_words_say(home: Home) -> None:
    process = home.gateway.start(*home.command("run", "--json"), environment=home.environment())
    process.wait_for('"policy"')
    home.undertow("add", "attic", "--public-key", make_key_pair().public)
    process.wait_for('"added"')
    process.stop()
    events = [json.loads(line) for line in process.log().splitlines()]
    assert [event["event"] for event in events] == ["running", "ways", "policy", "added", "stopped"]
    assert events[0]["port"] == 51820 and events[3]["name"] == "attic"
    assert all(set(event) >= {"time", "level", "event", "text"} for event in events)


def command_lines(home: Home) -> str:
    found = []
    for pid in home.gateway.pids():
        for what in ("cmdline", "environ"):
            found.append(Path(f"/proc/{pid}/{what}").read_bytes().decode(errors="replace"))
    return "\n".join(found)


def test_no_key_is_in_a_command_line_an_environment_or_the_log(home: Home) -> None:
    gateway = home.run()
    psk = "b3VyIHNlY3JldCBpcyB0aGF0IHRoZXJlIGlzIG5vbmU="
    assert carries(home, home.box("attic", OURS, psk))
    private = (home.folder / "private.key").read_text().strip()
    everything = command_lines(home) + gateway.log()
    assert private not in everything and psk not in everything


def test_the_rights_that_the_unit_leaves_are_enough(home: Home) -> None:
    """Root without anything but what CapabilityBoundingSet names, and no way to more."""
    unit = home.undertow("install", "--print")
    (line,) = [line for line in unit.splitlines() if line.startswith("CapabilityBoundingSet=")]
    rights = [name.removeprefix("CAP_").lower() for name in line.partition("=")[2].split()]
    before = home.leftovers()
    bounds = ",".join(["-all", *(f"+{name}" for name in rights)])
    prefix = ("setpriv", f"--bounding-set={bounds}", "--inh-caps=-all", "--no-new-privs")
    gateway = home.run(prefix=prefix)
    status = Path(f"/proc/{gateway.pid}/status").read_text()
    assert "CapEff:\t0000000000001400" in status and "NoNewPrivs:\t1" in status
    assert carries(home, home.box("attic"))
    gateway.stop()
    assert home.leftovers() == before


# --- the kernel's WireGuard ---


def test_without_the_kernels_wireguard_it_says_what_to_do(home: Home) -> None:
    before = home.leftovers()
    if home.gateway.attempt("ip", "link", "add", "probe", "type", "wireguard").returncode == 0:
        home.gateway.ip("link", "del", "probe")
        pytest.skip("this kernel has WireGuard")
    status, said = fails(home, "--backend", "kernel")
    assert status == 1
    assert "makes no WireGuard interface" in said and "modprobe wireguard" in said
    assert home.leftovers() == before


@pytest.fixture
def almost_a_kernel(tmp_path: Path) -> str:
    """A PATH in which `ip link add ... type wireguard` makes one by wireguard-go.

    Everything else is the real `ip`, and all of `wg`: it speaks with both in the same words.
    """
    real = next(
        f"{folder}/ip" for folder in os.environ["PATH"].split(":") if Path(folder, "ip").exists()
    )
    wrapper = tmp_path / "bin" / "ip"
    wrapper.parent.mkdir()
    wrapper.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '"link add dev "*" type wireguard") exec wireguard-go "$4" ;;\n'
        f'*) exec {real} "$@" ;;\n'
        "esac\n"
    )
    wrapper.chmod(0o755)
    return f"{wrapper.parent}:{os.environ['PATH']}"


def test_the_kernels_backend_carries_follows_and_cleans_up(
    home: Home, almost_a_kernel: str
) -> None:
    before = home.leftovers()
    gateway = home.run("--backend", "kernel", path=almost_a_kernel)
    psk = "b3VyIHNlY3JldCBpcyB0aGF0IHRoZXJlIGlzIG5vbmU="
    box, other = home.box("attic", OURS, psk), home.box("barn", GO)
    assert carries(home, box) and carries(home, other)
    found = json.loads(home.undertow("list", "--json"))
    assert found["running"] is True
    assert all(entry["last_handshake"] and entry["sent"] for entry in found["boxes"])
    home.shut_out("attic")
    with Echo(home.web, WEB), Caller(box.namespace, WEB) as caller:
        assert caller.ask(1.0) is None
    assert carries(home, other)
    gateway.kill()
    second = home.run("--backend", "kernel", path=almost_a_kernel)
    assert carries(home, home.box("cellar"))
    second.stop()
    wait_for_the_end_of_the_interface(home)
    assert home.leftovers() == before


def test_the_kernels_backend_is_reached_by_further_udp_ports_and_by_nothing_else(
    home: Home, almost_a_kernel: str
) -> None:
    """Rules lead them to the one port; those of other programs stay theirs."""
    with home.gateway.socket() as name_server:
        name_server.bind(("0.0.0.0", 53))
        gateway = home.run("--backend", "kernel", path=almost_a_kernel)
        assert "UDP port 53 cannot be had" in gateway.log()
        assert "no web site, no streams" in gateway.log()
        box = home.box("attic", GO)
        own = home.state.public_key()
        for port in (443, home.state.carriers().high_port):
            box.namespace.nft(
                "add table ip nat\ndelete table ip nat\ntable ip nat {\nchain back {\n"
                "type filter hook input priority 0;\n"
                f"iifname eth0 udp sport != {port} drop\n}}\n}}\n"
            )
            box.set("peer", own, "remove")
            at = f"{GATEWAY}:{port}"
            box.set("peer", own, "allowed-ips", "0.0.0.0/0", "endpoint", at)
            assert carries(home, box)
        said = home.undertow("add", "barn", "--public-key", make_key_pair().public)
        assert "HeaderProtectionKey" not in said
        assert "TLS" not in said
        assert "UDP = 443" in said


# --- the commands, as a person meets them ---


def test_a_known_box_gets_no_other_key_by_the_way(home: Home) -> None:
    keys = [make_key_pair().public for _ in range(2)]
    home.undertow("add", "attic", "--public-key", keys[0])
    said = home.undertow("add", "attic", "--public-key", keys[1], status=EXIT_REFUSED)
    assert "known with another key" in said
    home.undertow("add", "attic", "--public-key", keys[1], "--replace")
    (box,) = json.loads(home.undertow("list", "--json"))["boxes"]
    assert box["public_key"] == keys[1]


def test_a_known_box_keeps_its_preshared_key_and_what_was_compared(
    home: Home, tmp_path: Path
) -> None:
    key = make_key_pair().public
    (tmp_path / "psk").write_text("b3VyIHNlY3JldCBpcyB0aGF0IHRoZXJlIGlzIG5vbmU=\n")
    home.undertow("add", "attic", "--public-key", key, "--psk-file", str(tmp_path / "psk"))
    before = home.state.peers().by_name["attic"]
    home.undertow("add", "attic", "--public-key", key, "--address", "10.51.82.9")
    after = home.state.peers().by_name["attic"]
    assert (after.psk, str(after.address)) == (before.psk, "10.51.82.9")
    home.undertow("add", "attic", "--public-key", make_key_pair().public, "--replace")
    assert home.state.peers().by_name["attic"].psk is None


def test_a_running_gateway_says_whose_key_nobody_compared_and_whose_changed(home: Home) -> None:
    own = home.state.public_key()
    with home.state.changing() as known:
        for name, now, then in (("attic", 0, None), ("barn", 1, 1), ("cellar", 2, 3)):
            keys = [make_key_pair().public for _ in range(4)]
            compared = None if then is None else Verified(keys[then], own, 1)
            address = pool.free(home.state.settings().network(), known, 0)
            known.put(Peer(name, keys[now], address, None, compared))
    log = home.run().log()
    for name, standing in (
        ("attic", "not verified"),
        ("barn", "verified"),
        ("cellar", "KEY CHANGED"),
    ):
        (line,) = (each for each in log.splitlines() if f"{name}: is let in" in each)
        assert line.endswith(f", {standing}")
        assert (" error " in line) == (name == "cellar")


def test_errors_say_what_to_do_and_programs_get_them_as_an_object(home: Home) -> None:
    said = home.undertow("remove", "nobody", "--json", status=EXIT_USAGE)
    assert '"mend"' in said and "Traceback" not in said
    said = home.undertow("add", "attic", "--public-key", "short", status=EXIT_USAGE)
    assert "no public key" in said
    assert "undertow status" in said


def test_without_a_public_address_it_says_how_to_give_one(home: Home) -> None:
    home.undertow("set", "--endpoint", "")
    key = make_key_pair().public
    said = home.undertow("add", "attic", "--public-key", key)
    assert f"Endpoint = {GATEWAY}:51820" in said
    home.gateway.ip("route", "del", "default")
    home.gateway.route("default", "via", "192.168.7.9")
    said = home.undertow("add", "barn", "--public-key", key, status=EXIT_USAGE)
    assert "gateway set --endpoint" in said
