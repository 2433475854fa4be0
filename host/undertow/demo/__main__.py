"""python -m undertow.demo [--json] [--board NAME] [--act NAME], where all is set up and built."""

import argparse
import sys

from undertow import demo
from undertow.errors import UndertowError

parser = argparse.ArgumentParser(prog="undertow.demo", description=demo.__doc__)
parser.add_argument("--json", action="store_true", help="one object on stdout, for programs")
parser.add_argument("--board", default=demo.BOARD, help="the emulated board that is the box")
parser.add_argument("--act", default="", help=f"one of {', '.join(demo.ACTS)}; else all of them")
given = parser.parse_args()
try:
    sys.exit(demo.main(json=given.json, board=given.board, act=given.act))
except UndertowError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
