"""`python -m undertow.cli`: the program where no script of it is installed."""

from undertow.cli import main

raise SystemExit(main())
