"""The arguments of `undertow gateway set` about the ways by which boxes come."""

import argparse
from pathlib import Path
from typing import Any

from undertow.errors import EXIT_USAGE, UndertowError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    ways = parser.add_argument_group(
        "by which ways boxes come",
        "A box that finds one way closed tries the next. Boxes that are paired or added already "
        "do not know of what is changed here, until that is done again.",
    )
    for flag, metavar, text in (
        ("--udp-ports", "LIST", "more UDP ports for the tunnel, such as 443,53; '' for none"),
        ("--tls-ports", "LIST", "TCP ports of the web site; '' for no web site with TLS"),
        ("--web-ports", "LIST", "TCP ports of the web site without TLS; '' for none"),
    ):
        ways.add_argument(flag, metavar=metavar, help=text)
    ways.add_argument(
        "--shape",
        action=argparse.BooleanOptionalAction,
        help="boxes make their packets not look like WireGuard's",
    )
    for flag, metavar, text in (
        ("--tls-name", "NAME", "of the web site; '' for that of the endpoint"),
        ("--certificate", "FILE", "of the web site, with its chain; '' for one of our making"),
        (
            "--certificate-key",
            "FILE",
            "the key to it; keep it when you renew the certificate: boxes know it by that",
        ),
        ("--site", "FOLDER", "pages that everybody else sees; '' for one of ours"),
        ("--decoy-name", "NAME", "a web site that the censor lets pass; '' for one of ours"),
    ):
        ways.add_argument(flag, metavar=metavar, help=text)


def wanted(given: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given; None: not given."""
    return {
        "udp_ports": _ports(given.udp_ports),
        "tls_ports": _ports(given.tls_ports),
        "web_ports": _ports(given.web_ports),
        "shape": given.shape,
        "tls_name": given.tls_name,
        "certificate": _path(given.certificate),
        "certificate_key": _path(given.certificate_key),
        "site": _path(given.site),
        "decoy_name": given.decoy_name,
    }


def _path(value: str | None) -> str | None:
    """Whole: the gateway runs elsewhere than this command."""
    return str(Path(value).expanduser().absolute()) if value else value


def _ports(value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    words = value.replace(",", " ").split()
    if not all(word.isdecimal() and len(word) < 6 for word in words):
        raise UndertowError(
            f"{value[:60]!r} is no list of ports",
            "Nothing has been changed.",
            "Write numbers with commas, such as 443,53,123.",
            EXIT_USAGE,
        )
    return tuple(int(word) for word in words)
