"""`undertow gateway`: the far end of the tunnel, on a Linux machine of one's own."""

import argparse
import sys

from undertow.cli import gateway_carriers
from undertow.errors import EXIT_USAGE, UndertowError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="action")
    made = {
        name: commands.add_parser(name, help=text, description=text)
        for name, text in (
            ("run", "run the gateway until Ctrl-C"),
            ("pair", "let a box in: compare a code with whoever holds it"),
            ("add", "let a box in whose public key is known"),
            ("list", "the boxes, and when they last came"),
            ("remove", "shut a box out"),
            ("check", "look by which ways boxes get in, from here and from where a box is"),
            ("set", "show the settings, or change them"),
            ("install", "print a unit for systemd"),
        )
    }
    for sub in made.values():
        sub.add_argument(
            "--state",
            default="",
            metavar="DIR",
            help="else UNDERTOW_GATEWAY, or /var/lib/undertow/gateway",
        )
        # Also behind the command; without a default, so that one before it counts.
        for flag, text in (
            ("--json", "print objects"),
            ("--debug", "show where an error comes from"),
        ):
            sub.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=text)
    _add_run(made["run"])
    _add_pair(made["pair"])
    _add_add(made["add"])
    made["remove"].add_argument("name")
    made["check"].add_argument(
        "--box", default="", metavar="NAME", help="that looks from outside; else who came last"
    )
    _add_set(made["set"])
    _add_run(made["install"])
    made["install"].add_argument("--print", action="store_true", dest="prints", required=True)


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--backend", default="own", choices=("own", "kernel"), help="what carries the tunnel"
    )
    parser.add_argument(
        "--program", default="", metavar="FILE", help="undertow-unix, if not in PATH"
    )


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=int, default=0, help="TCP; the tunnel's number (UDP) unless given"
    )
    parser.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS")  # noqa: S104


def _add_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument(
        "--public-key", required=True, metavar="KEY", help="44 characters of base64"
    )
    parser.add_argument("--address", default="", help="of the pool; the next free one unless given")
    parser.add_argument("--psk-file", default="", metavar="FILE", help="as `wg genpsk` writes it")
    parser.add_argument(
        "--out", default="", metavar="FILE", help="write the box's file, with its psk"
    )
    parser.add_argument("--replace", action="store_true", help="the box has another key now")
    parser.add_argument(
        "--plain", action="store_true", help="a file for any WireGuard, such as a telephone's"
    )


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="of the gateway, as boxes see it")
    parser.add_argument("--port", type=int, help="UDP for the tunnel, TCP for pairing")
    parser.add_argument("--pool", metavar="NETWORK", help="addresses inside the tunnel")
    parser.add_argument(
        "--endpoint",
        action="append",
        metavar="HOST[:PORT]",
        help="by which boxes find it; again for more; '' for this machine's own address",
    )
    parser.add_argument("--dns", action="append", metavar="ADDRESS", help="again for more")
    parser.add_argument("--interface", metavar="NAME", help="of the tunnel")
    parser.add_argument(
        "--nat-out", metavar="INTERFACE", help="the way out; '' for the default one"
    )
    parser.add_argument("--mtu", type=int)
    parser.add_argument("--keepalive", type=int, metavar="SECONDS")
    yes_or_no = argparse.BooleanOptionalAction
    parser.add_argument(
        "--allow-lan", action=yes_or_no, help="boxes reach this machine and its own networks"
    )
    parser.add_argument("--allow-peers", action=yes_or_no, help="boxes reach each other")
    gateway_carriers.add_arguments(parser)


def _run(arguments: argparse.Namespace) -> int:
    if sys.platform != "linux":
        raise UndertowError(
            "A gateway runs on Linux only",
            "It needs nftables and TUN interfaces.",
            "Run it on a Linux machine: a small board at home will do.",
            EXIT_USAGE,
        )
    from undertow.gateway import commands

    given, state = arguments, arguments.state
    if given.action == "run":
        commands.run(state, given.backend, given.program, given.json)
    elif given.action == "pair":
        commands.pair(state, given.listen, given.port, given.json)
    elif given.action == "add":
        words = (given.name, given.public_key, given.address, given.psk_file, given.out)
        flags = {"is_replacing": given.replace, "is_plain": given.plain, "as_json": given.json}
        commands.add(state, *words, **flags)
    elif given.action == "list":
        commands.list_(state, given.json)
    elif given.action == "remove":
        commands.remove(state, given.name, given.json)
    elif given.action == "check":
        return commands.check(state, given.box, given.json)
    elif given.action == "set":
        _set(given)
    else:
        commands.install(state, given.backend, given.program, given.json)
    return 0


def _set(given: argparse.Namespace) -> None:
    from undertow.gateway import commands

    commands.set_(
        given.state,
        given.json,
        name=given.name,
        port=given.port,
        pool=given.pool,
        endpoints=_list(given.endpoint),
        dns=_list(given.dns),
        interface=given.interface,
        outward=given.nat_out,
        mtu=given.mtu,
        keepalive_s=given.keepalive,
        allow_lan=given.allow_lan,
        allow_peers=given.allow_peers,
        **gateway_carriers.wanted(given),
    )


def _list(values: list[str] | None) -> tuple[str, ...] | None:
    """None: not given; one that is empty takes all away."""
    return None if values is None else tuple(value for value in values if value)
