"""`undertow release`: sign what was built for a board."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    parser.add_argument("--board", default="", help="that it is for")
    parser.add_argument("--version", default="", help="of the release, such as 0.1.0")
    parser.add_argument("--key", default="", metavar="FILE", help="the secret key that signs it")
    parser.add_argument("--out", default="", metavar="FILE", help="the .zip to be made")
    parser.add_argument("--images", default="", metavar="FOLDER", help="a build somewhere else")
    parser.add_argument(
        "--files", default="", metavar="FOLDER", help="files for the box's file system"
    )
    parser.add_argument(
        "--new-key", default="", metavar="FILE", help="only make a key, and say its public half"
    )


def _run(given: argparse.Namespace) -> None:
    from undertow.flash import release_command

    release_command.main(
        release_command.Wanted(
            board=given.board,
            version=given.version,
            key=given.key,
            out=given.out,
            images=given.images,
            files=given.files,
            new_key=given.new_key,
            json=given.json,
        )
    )
