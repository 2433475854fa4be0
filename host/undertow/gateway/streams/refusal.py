"""What is no request, and what is said to it."""

from undertow.gateway.streams import pages
from undertow.gateway.streams.pages import Answer


class RefusedError(Exception):
    """answer: what is said instead; is_bare: to HTTP/0.9, which knows no heads.

    is_early: before its head was whole, so that more of it may come.
    """

    def __init__(
        self, answer: Answer = pages.BAD_REQUEST, is_bare: bool = False, is_early: bool = True
    ) -> None:
        super().__init__(answer.status)
        self.answer = answer
        self.is_bare = is_bare
        self.is_early = is_early
