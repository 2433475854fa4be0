"""A chip as a program: `python -m tests.support.romloader [CHIP] [--slow]`.

Prints the URL of its line and runs until its standard input ends.
"""

import argparse
import sys

from tests.support.romloader import Flash, RomLoader, SocketFront


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("chip", nargs="?", default="esp32")
    parser.add_argument("--slow", action="store_true", help="at the baud rate, as a real line")
    parser.add_argument("--flash", type=int, default=4 << 20, help="bytes")
    arguments = parser.parse_args()
    loader = RomLoader(arguments.chip, Flash(arguments.flash))
    with SocketFront(loader, arguments.slow) as front:
        print(front.url, flush=True)
        sys.stdin.read()


main()
