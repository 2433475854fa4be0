"""`undertow provision`: give a box its settings, from files or from a person."""

import argparse

from undertow.cli import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    where.add_console(parser)
    where.add_board(parser)
    tunnel = parser.add_argument_group("its tunnel")
    tunnel.add_argument(
        "--config", default="", metavar="FILE", help="a wg-quick file; - is standard input"
    )
    where.add_meeting(tunnel)  # type: ignore[arg-type]
    tunnel.add_argument(
        "--import-key", action="store_true", help="give the box the PrivateKey of that file"
    )
    tunnel.add_argument(
        "--key-file", default="", metavar="FILE", help="give it the private key in this file"
    )
    box = parser.add_argument_group("the box", "What is not named stays as it is.")
    box.add_argument("--name", default="", help="that of --config unless given")
    box.add_argument("--medium", default="", help="of the uplink: auto, ethernet or wifi")
    box.add_argument("--uplink", default="", help="dhcp, or ADDRESS/LENGTH,GATEWAY[,NAMESERVER...]")
    box.add_argument("--lan", default="", metavar="ADDRESS/LENGTH", help="the box's address there")
    networks = parser.add_argument_group(
        "Wi-Fi", "Networks to join; all that it knew are replaced. Passwords are never arguments."
    )
    networks.add_argument(
        "--wifi-qr",
        action="append",
        default=[],
        metavar="FILE",
        help="the text of a network's QR code; - is standard input, 'ask' asks; again for more",
    )
    networks.add_argument(
        "--wifi", action="append", default=[], metavar="SSID", help="again for more"
    )
    networks.add_argument(
        "--wifi-password-file",
        action="append",
        default=[],
        metavar="FILE",
        help="of the --wifi at the same place; asked for unless given",
    )
    networks.add_argument(
        "--wifi-open", action="append", default=[], metavar="SSID", help="one without a password"
    )
    networks.add_argument("--lan-ssid", default="", metavar="SSID", help="of the box's own Wi-Fi")
    networks.add_argument(
        "--lan-password-file", default="", metavar="FILE", help="a new box makes its own, else"
    )
    parser.add_argument("--qr", action="store_true", help="show QR codes, too")


def _run(given: argparse.Namespace) -> None:
    from undertow import provisioning

    wanted = provisioning.Wanted(
        config=given.config,
        name=given.name,
        uplink=given.uplink,
        lan=given.lan,
        import_key=given.import_key,
        key_file=given.key_file,
        medium=given.medium,
        wifi=tuple(given.wifi),
        wifi_password_files=tuple(given.wifi_password_file),
        wifi_open=tuple(given.wifi_open),
        wifi_qr=tuple(given.wifi_qr),
        lan_ssid=given.lan_ssid,
        lan_password_file=given.lan_password_file,
    )
    provisioning.main(
        wanted,
        given.console,
        given.board,
        given.flash,
        given.json,
        given.qr,
        pair=given.pair,
        room=given.room,
    )
