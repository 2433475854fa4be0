"""`undertow ports`: where a board may be plugged in."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> None:
    from undertow.flash import ports

    ports.main(given.json)
