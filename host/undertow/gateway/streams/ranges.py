"""Parts of a file (RFC 9110, 14), as nginx gives them (ngx_http_range_filter_module)."""

import itertools
import re

Span = tuple[int, int]

_NUMBER_MAX = (1 << 63) - 1
_SPAN = re.compile(r" *(?:([0-9]+) *- *(?:([0-9]+) *)?|-([0-9]+) *)(?=,|$)")
# Of nginx's, which counts them for all of its temporary names.
_boundaries = itertools.count(1)


class NoneOfItError(Exception):
    """Nothing of what is asked for is there."""


def asked(wish: str, length: int) -> list[Span]:
    """(first byte, that behind the last) of each; empty: the whole file. NoneOfItError."""
    if wish[:6].lower() != "bytes=" or len(wish) < 7:
        return []
    found: list[Span] = []
    rest = wish[6:]
    while True:
        match = _SPAN.match(rest)
        if match is None:
            raise NoneOfItError
        start, end = _span(match, length)
        if start < end:
            found.append((start, end))
        elif not start:
            return []
        rest = rest[match.end() :]
        if not rest:
            break
        rest = rest[1:]
    if not found:
        raise NoneOfItError
    # As much as all of it or more: somebody wants to make us work.
    return [] if sum(end - start for start, end in found) > length else found


def _span(match: "re.Match[str]", length: int) -> Span:
    numbers = [int(each) for each in match.groups() if each is not None]
    if any(number > _NUMBER_MAX for number in numbers):
        raise NoneOfItError
    if match[3] is not None:
        return max(length - numbers[0], 0), length
    return numbers[0], length if match[2] is None else min(numbers[1] + 1, length)


def one(data: bytes, span: Span) -> list[bytes | memoryview]:
    """The pieces of the body that is this part alone."""
    return [memoryview(data)[span[0] : span[1]]]


def parts(data: bytes, kind: str, spans: list[Span]) -> tuple[str, list[bytes | memoryview]]:
    """(media type, pieces of the body) of several parts; the data is not copied."""
    boundary = f"{next(_boundaries):020}"
    body: list[bytes | memoryview] = []
    for start, end in spans:
        head = (
            f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
            f"Content-Range: bytes {start}-{end - 1}/{len(data)}\r\n\r\n"
        )
        body += [head.encode(), memoryview(data)[start:end]]
    body.append(f"\r\n--{boundary}--\r\n".encode())
    return f"multipart/byteranges; boundary={boundary}", body
