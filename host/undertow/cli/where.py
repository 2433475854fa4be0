"""The arguments by which commands name a box, the same for all of them."""

import argparse

CONSOLE = "/dev/ttyUSB0, COM3, socket://HOST:PORT, rfc2217://HOST:PORT or unix:PATH"


def add_console(parser: argparse.ArgumentParser) -> None:
    """A box that runs."""
    # A board's port is where it is flashed and where its console is.
    parser.add_argument("--console", "--port", default="", metavar="PORT", help=CONSOLE)


def add_board(parser: argparse.ArgumentParser) -> None:
    """Or an emulated one, in a checkout."""
    parser.add_argument(
        "--board", default="", help="an emulated one is started; for another its port is looked for"
    )
    parser.add_argument("--flash", default="", metavar="FILE", help="the file that is its flash")


def add_meeting(parser: argparse.ArgumentParser) -> None:
    """A gateway of ours that waits for a box to pair with."""
    parser.add_argument(
        "--pair", default="", metavar="HOST[:PORT]", help="the gateway that waits to be paired with"
    )
    parser.add_argument("--room", default="", metavar="N", help="the number that it shows")
