"""python -m undertow.demo [--json], for a checkout that is set up and built."""

import argparse
import sys

from undertow import demo
from undertow.errors import UndertowError

parser = argparse.ArgumentParser(prog="undertow.demo", description=demo.__doc__)
parser.add_argument("--json", action="store_true", help="one object on stdout, for programs")
given = parser.parse_args()
try:
    sys.exit(demo.main(json=given.json))
except UndertowError as error:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
