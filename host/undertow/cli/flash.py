"""`undertow flash`: firmware and file system into a board."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    parser.add_argument("--board", default="", help="its name; a release names it itself")
    parser.add_argument(
        "--port",
        default="",
        help="/dev/ttyUSB0, COM3, socket://HOST:PORT or rfc2217://HOST:PORT; found unless given",
    )
    parser.add_argument("--baud", type=int, default=0, help="what the board can do unless given")
    images = parser.add_argument_group("what is written", "The build of the board, or:")
    images.add_argument("--release", default="", metavar="FILE", help="a signed release")
    images.add_argument(
        "--trust", default="", metavar="KEY", help="the public key that has to have signed it"
    )
    images.add_argument("--images", default="", metavar="FOLDER", help="a build somewhere else")
    images.add_argument(
        "--files", default="", metavar="FOLDER", help="files for the box's file system"
    )
    parser.add_argument(
        "--erase", action="store_true", help="everything first: the box's key and settings, too"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the flash map, write nothing")
    parser.add_argument(
        "--flash", default="", metavar="FILE", help="the file that is an emulated board's flash"
    )


def _run(given: argparse.Namespace) -> None:
    from undertow.flash import front
    from undertow.flash.command import Wanted

    front.main(
        Wanted(
            board=given.board,
            port=given.port,
            images=given.images,
            release=given.release,
            trust=given.trust,
            files=given.files,
            baud=given.baud,
            erase=given.erase,
            dry_run=given.dry_run,
            json=given.json,
        ),
        given.flash,
    )
