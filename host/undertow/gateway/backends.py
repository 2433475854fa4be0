"""Which backend carries the tunnel, by the name that the owner gave it."""

import os
from collections.abc import Mapping

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.gateway import uapi
from undertow.gateway.backend import KERNEL, OWN, Backend, Traffic


def make(name: str, interface: str, program: str, state_folder: str) -> Backend:
    """program, state_folder: of our own data path."""
    if name == OWN:
        from undertow.gateway.own import OwnBackend

        return OwnBackend(interface, program, state_folder)
    if name == KERNEL:
        from undertow.gateway.kernel import KernelBackend

        return KernelBackend(interface)
    raise UndertowError(
        f"There is no backend '{name[:40]}'",
        f"Those that there are: {OWN} (our data path) and {KERNEL} (the kernel's WireGuard).",
        "Leave --backend out.",
        EXIT_USAGE,
    )


def traffic(name: str, interface: str) -> Mapping[str, Traffic]:
    """By public key, from a tunnel that another process runs. UndertowError: it does not answer."""
    if name == OWN:
        return uapi.traffic(interface)
    from undertow.gateway.kernel import KernelBackend

    return KernelBackend(interface).traffic()


def refused(name: str, interface: str) -> Mapping[int, str]:
    """The further UDP ports that another process's tunnel cannot have, and why. As traffic()."""
    if name != OWN:
        return {}
    return {port: os.strerror(number) for port, number in uapi.refused_ports(interface).items()}
