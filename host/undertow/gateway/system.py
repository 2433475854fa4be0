"""The system's own tools, and what they say when they fail."""

import json
import subprocess
from typing import Any

from undertow.errors import EXIT_PORT, UndertowError

PACKAGES = {"ip": "iproute2", "nft": "nftables", "wg": "wireguard-tools", "setpriv": "util-linux"}
TIMEOUT_S = 20.0


def run(*argv: str, text: bytes | bytearray = b"") -> str:
    """Run a tool to its end, with text as its input; what it printed. UndertowError: it failed."""
    done = attempt(*argv, text=text)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split()).rstrip(".")
        raise UndertowError(
            f"`{' '.join(argv)}` failed",
            f"It says: {said or f'status {done.returncode}'}.",
            "Run it as root, with CAP_NET_ADMIN; nothing of the gateway stays behind.",
            EXIT_PORT if "not permitted" in said.lower() else 1,
        )
    return done.stdout


def attempt(*argv: str, text: bytes | bytearray = b"") -> "subprocess.CompletedProcess[str]":
    """Run a tool to its end, however it ends. UndertowError: it is not there, or hangs."""
    try:
        done = subprocess.run(argv, input=text, capture_output=True, timeout=TIMEOUT_S)
    except FileNotFoundError as error:
        package = PACKAGES.get(argv[0], argv[0])
        raise UndertowError(
            f"The program {argv[0]} is not there",
            "The gateway needs it to set up the network.",
            f"Run: sudo apt install {package}",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise UndertowError(
            f"`{' '.join(argv)}` does not end",
            f"It had {TIMEOUT_S:.0f} s.",
            "Try it by hand; the kernel's log may say more.",
        ) from error
    said, complained = (part.decode(errors="replace") for part in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(argv, done.returncode, said, complained)


def ip_json(*words: str) -> list[dict[str, Any]]:
    """What `ip -j` says."""
    said = run("ip", "-j", *words).strip()
    found = json.loads(said) if said else []
    return [entry for entry in found if isinstance(entry, dict) and entry]
