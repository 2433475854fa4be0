"""What `undertow gateway check` asks the gateway that runs: a line of JSON, and one back.

The socket is in the gateway's folder, which is for its owner alone.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from undertow.errors import EXIT_NO_BOX, UndertowError
from undertow.gateway.folder import Folder

FILE = "run.sock"
LINE_MAX = 1 << 16
# A box that looks at eight TCP ports, each of which is silent, and is asked twice.
ASK_S = 140.0

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Questions:
    """Answers them, in a loop's thread. answer: what there is to say to one."""

    def __init__(self, folder: Folder, answer: Answer) -> None:
        self.path = folder.path / FILE
        self._answer = answer
        self._server: asyncio.Server | None = None

    async def begin(self) -> None:
        self._remove()
        listener = socket.socket(socket.AF_UNIX)
        with _short(self.path) as path:
            listener.bind(path)
        os.chmod(self.path, 0o600)
        self._server = await asyncio.start_unix_server(self._talk, sock=listener, limit=LINE_MAX)

    def end(self) -> None:
        if self._server is not None:
            self._server.close()
            self._remove()

    def _remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            question = json.loads(await reader.readline())
            answer = await self._answer(question)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()


def ask(folder: Folder, **question: Any) -> dict[str, Any]:
    """The running gateway's answer. UndertowError: none runs, or it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as asker:
            asker.settimeout(ASK_S)
            with _short(folder.path / FILE) as path:
                asker.connect(path)
            asker.sendall(json.dumps(question).encode() + b"\n")
            with asker.makefile("rb") as answers:
                found = json.loads(answers.readline(LINE_MAX))
    except (OSError, ValueError) as error:
        raise UndertowError(
            "The gateway does not run",
            "Only the one that runs can have a box look at its ports.",
            "Start it: undertow gateway run.",
            EXIT_NO_BOX,
        ) from error
    return dict(found)


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A path that fits a socket's address, whatever the folder's is (unix(7): 108 bytes)."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)
