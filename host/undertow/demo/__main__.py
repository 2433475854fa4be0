"""python -m undertow.demo [--json] [--board NAME], for a checkout that is set up and built."""

import argparse
import sys

from undertow import demo
from undertow.errors import UndertowError

parser = argparse.ArgumentParser(prog="undertow.demo", description=demo.__doc__)
parser.add_argument("--json", action="store_true", help="one object on stdout, for programs")
parser.add_argument("--board", default=demo.BOARD, help="the emulated board that is the box")
given = parser.parse_args()
try:
    sys.exit(demo.main(json=given.json, board=given.board))
except UndertowError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
