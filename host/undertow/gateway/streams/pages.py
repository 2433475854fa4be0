"""Answers as nginx 1.22 gives them: tests compare them byte for byte (tests/vectors/nginx)."""

import email.utils
from dataclasses import dataclass, field, replace

OK, PARTIAL, NO_CONTENT = 200, 206, 204
REASONS = {
    200: "OK",
    204: "No Content",
    206: "Partial Content",
    301: "Moved Permanently",
    304: "Not Modified",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Not Allowed",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    416: "Requested Range Not Satisfiable",
    501: "Not Implemented",
    505: "HTTP Version Not Supported",
}
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TOO_LARGE = "Request Header Or Cookie Too Large"
NOT_TLS = "The plain HTTP request was sent to HTTPS port"

_PAGE = """\
<html>\r
<head><title>{title}</title></head>\r
<body>\r
<center><h1>{heading}</h1></center>\r
{more}<hr><center>nginx</center>\r
</body>\r
</html>\r
"""
_PADDING = b"<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n" * 6


@dataclass(frozen=True)
class Answer:
    """status; body; head: lines in nginx's order, before and after `Connection`.

    more: pieces that follow the body. closes: whether the connection ends behind it, whatever its
    header says.
    """

    status: int
    body: bytes | memoryview = b""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    closes: bool = False
    # Whether a body is asked for before it, of one who waits for that; errors never do.
    asks: bool = False
    # 412 says keep-alive and closes: nginx's filter for conditions does that.
    says_keep_alive: bool | None = field(default=None)
    more: tuple[bytes | memoryview, ...] = ()

    def said(
        self, is_kept: bool, with_body: bool = True, is_bare: bool = False
    ) -> tuple[bytes | memoryview, ...]:
        """What to write. is_kept: the connection goes on. is_bare: to HTTP/0.9, without a head."""
        body = (self.body, *self.more) if with_body else ()
        if is_bare:
            return body
        says = is_kept and not self.closes if self.says_keep_alive is None else self.says_keep_alive
        lines = [
            f"HTTP/1.1 {self.status} {REASONS[self.status]}",
            "Server: nginx",
            f"Date: {email.utils.formatdate(usegmt=True)}",
            *self.before,
            f"Connection: {'keep-alive' if says else 'close'}",
            *self.after,
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1"), *body


def page(status: int, closes: bool = False, told: str = "") -> Answer:
    """A page that says nothing but its status. told: a kind of 400 that nginx explains."""
    name = f"{status} {REASONS[status]}"
    title = f"{status} {told}" if told else name
    more = f"<center>{told}</center>\r\n" if told else ""
    body = _PAGE.format(title=title, heading=name, more=more).encode()
    before = ["Content-Type: text/html", f"Content-Length: {len(body)}"]
    return Answer(status, body, tuple(before), (), closes)


def redirect(location: str) -> Answer:
    """As `return 301` has it."""
    return replace(page(301), after=(f"Location: {location}",), asks=True)


def padded(answer: Answer) -> Answer:
    """An error page for browsers that show short ones as their own (nginx's msie_padding)."""
    body = bytes(answer.body) + _PADDING
    length = f"Content-Length: {len(body)}"
    before = tuple(length if each.startswith("Content-Length") else each for each in answer.before)
    return replace(answer, body=body, before=before)


BAD_REQUEST = page(400, closes=True)
