"""Run one of the system's tools and hear its errors."""

import subprocess
from collections.abc import Sequence

from undertow.lab.errors import LabError

PACKAGE_OF = {
    "ip": "iproute2",
    "nft": "nftables",
    "wg": "wireguard-tools",
    "wg-quick": "wireguard-tools",
    "wireguard-go": "wireguard-go",
    "iperf3": "iperf3",
    "setpriv": "util-linux",
}


def run(
    argv: Sequence[str], input_text: str | None = None, timeout_s: float = 20.0
) -> subprocess.CompletedProcess[str]:
    """Run argv to its end and return what it printed; LabError with its own words if it failed."""
    try:
        done = subprocess.run(
            argv, input=input_text, capture_output=True, text=True, timeout=timeout_s
        )
    except FileNotFoundError as error:
        tool = argv[0]
        raise LabError(
            f"cannot run {tool}",
            "it is not installed",
            f"Install the package {PACKAGE_OF.get(tool, tool)}, or run: ./invoke setup.",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise LabError(" ".join(argv), f"no end after {timeout_s:.0f} s") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).rstrip(".")
        raise LabError(" ".join(argv), words or f"exit status {done.returncode}")
    return done
