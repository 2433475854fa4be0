"""undertow-unix: the command line."""

import gc
import os
import sys

import _datapath
from box.version import VERSION
from linux.errors import ProgramError
from linux.log import Log

USAGE = """\
Usage: undertow-unix run FILE.conf [--interface NAME]
       undertow-unix [-f | --foreground] NAME
       undertow-unix -f --adopt NAME
       undertow-unix --help | --version
"""

HELP = (
    USAGE
    + """
A WireGuard tunnel in user space.

  run FILE.conf    Set up the tunnel of a wg-quick file and keep it until SIGINT or
                   SIGTERM: interface, addresses, routes, name servers. All of it is
                   taken down again. The interface has the name of the file, or NAME.
                   With a section [Carriers] in the file, it finds a way to the gateway
                   by itself, and remembers it for this network.
                   When it is killed instead, default routes refuse packets, and let
                   none past the tunnel, until the next run has ended.
  NAME             Make the interface NAME and take its configuration from programs
                   such as wg and wg-quick, at /var/run/wireguard/NAME.sock. In the
                   background, unless -f is given or WG_PROCESS_FOREGROUND is 1.
                   There is room for 4096 peers. With --adopt, streams that carry
                   datagrams are taken over from whoever has let them in: they come by
                   standard input, and its end ends the program.

Environment:
  LOG_LEVEL        debug, info (default), warning, error or silent. In the background
                   there is a log only with LOG_LEVEL set.
  STATE_DIRECTORY  the folder of what must survive a restart, /var/lib/undertow unless
                   it is set.

Exit status: 0 stopped, 1 the system refused something, 2 wrong usage or a broken file.

With wg-quick: WG_QUICK_USERSPACE_IMPLEMENTATION=undertow-unix wg-quick up wg0
"""
)

GARBAGE_MAX = 1 << 18

# wireguard-go's words are taken too.
LEVELS = {"verbose": "debug"}


def main(argv: "list[str]") -> int:
    """Run with these arguments, without the program's name; the exit status."""
    _datapath.set_umask(0o077)
    # What lives long stays together, and the heap small, when garbage goes early.
    gc.threshold(GARBAGE_MAX)
    level = os.getenv("LOG_LEVEL")
    log = Log(known_level(level), sys.stderr)
    try:
        return dispatch(argv, log, level is not None)
    except ProgramError as error:
        log("error", str(error))
        return error.status
    except KeyboardInterrupt:
        return 130


def dispatch(argv: "list[str]", log: Log, keep_log: bool) -> int:
    if argv in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(HELP)
        return 0
    if argv in (["--version"], ["-V"]):
        sys.stdout.write("undertow-unix %s\n" % VERSION)
        return 0
    if argv[:1] == ["run"]:
        parsed = run_arguments(argv[1:])
        if parsed is None:
            return wrong_usage()
        from linux.run import run

        return run(parsed[0], parsed[1], log)
    foreground = os.getenv("WG_PROCESS_FOREGROUND") == "1"
    if argv[:1] in (["-f"], ["--foreground"]):
        foreground = True
        argv = argv[1:]
    adopts = foreground and argv[:1] == ["--adopt"]
    if adopts:
        argv = argv[1:]
    if len(argv) != 1 or argv[0].startswith("-"):
        return wrong_usage()
    from linux.serve import serve

    return serve(argv[0], foreground, log, keep_log, adopts)


def run_arguments(argv: "list[str]") -> "tuple[str, str | None] | None":
    """(file, interface name or None); None: wrong usage."""
    file = None
    name = None
    rest = list(argv)
    while rest:
        argument = rest.pop(0)
        if argument == "--interface" and rest and name is None:
            name = rest.pop(0)
        elif argument.startswith("--interface=") and name is None:
            name = argument[len("--interface=") :]
        elif argument.startswith("-") or file is not None:
            return None
        else:
            file = argument
    return None if file is None else (file, name)


def known_level(text: "str | None") -> str:
    level = (text or "info").lower()
    level = LEVELS.get(level, level)
    return level if level in ("debug", "info", "warning", "error", "silent") else "info"


def wrong_usage() -> int:
    sys.stderr.write(USAGE)
    return 2
