"""Giving a fresh box its settings as a test or a demo has them, over its console."""

from collections.abc import Callable

from undertow.console import Console


def provision(console: Console, admit: Callable[[str], object], tunnel: str, box: str) -> str:
    """Have the box make its key and take over both documents; its public key.

    admit: called with the public key before the box can use it, so that its gateway knows it.
    """
    public_key = console.keygen()
    admit(public_key)
    console.put("tunnel", bytearray(tunnel.encode()))
    console.put("box", bytearray(box.encode()))
    console.commit(console.check().digest)
    return public_key
