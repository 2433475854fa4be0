"""The server in a thread of its own: beside a program that waits for other things."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from undertow.gateway.streams.server import StreamServer

T = TypeVar("T")
PATIENCE_S = 20.0


class Background:
    """A with block in which a server serves; its ports are closed behind it."""

    def __init__(self, server: StreamServer) -> None:
        self.server = server
        self._loop: asyncio.AbstractEventLoop | None = None
        self._until: asyncio.Event | None = None
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="streams", daemon=True)

    def __enter__(self) -> StreamServer:
        self._thread.start()
        self._is_ready.wait()
        return self.server

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._until is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._until.set)
        self._thread.join()

    def call(self, action: Callable[[], T]) -> T:
        """Do it in the loop's thread, and wait; what it returns, or raises."""
        if self._loop is None:
            raise RuntimeError("it does not serve yet")
        answer: Future[T] = Future()

        def act() -> None:
            try:
                answer.set_result(action())
            except BaseException as error:
                answer.set_exception(error)

        self._loop.call_soon_threadsafe(act)
        return answer.result(PATIENCE_S)

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """As call(), of something that waits itself."""
        if self._loop is None:
            raise RuntimeError("it does not serve yet")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    @property
    def is_alive(self) -> bool:
        """False: it has ended by itself, which it never should."""
        return self._thread.is_alive()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._until = asyncio.get_running_loop(), asyncio.Event()
        self._is_ready.set()
        await self.server.serve(self._until)
