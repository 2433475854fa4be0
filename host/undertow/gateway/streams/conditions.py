"""A file's answer to who has it already, or wants a part of it (RFC 9110, 13 and 14, as nginx)."""

import email.utils
from datetime import UTC

from undertow.gateway.streams import pages, ranges
from undertow.gateway.streams.pages import Answer
from undertow.gateway.streams.request import Request


def answer(data: bytes, kind: str, modified_s: int, tag: str, request: Request) -> Answer:
    headers = request.headers
    modified = f"Last-Modified: {email.utils.formatdate(modified_s, usegmt=True)}"
    if not _may(headers, modified_s, tag):
        failed = pages.page(412, closes=True)
        return Answer(412, failed.body, failed.before, closes=True, asks=True, says_keep_alive=True)
    if _has_it(headers, modified_s, tag):
        return Answer(304, b"", (modified,), (f"ETag: {tag}",), asks=True)
    whole = (f"Content-Type: {kind}", f"Content-Length: {len(data)}", modified)
    try:
        spans = ranges.asked(_wish(headers, modified_s, tag), len(data))
    except ranges.NoneOfItError:
        failed = pages.page(416)
        told = (f"Content-Range: bytes */{len(data)}",)
        return Answer(416, failed.body, failed.before, told, asks=True)
    if not spans:
        return Answer(pages.OK, data, whole, (f"ETag: {tag}", "Accept-Ranges: bytes"), asks=True)
    after, body = [f"ETag: {tag}"], ranges.one(data, spans[0])
    if len(spans) == 1:
        start, end = spans[0]
        after.append(f"Content-Range: bytes {start}-{end - 1}/{len(data)}")
    else:
        kind, body = ranges.parts(data, kind, spans)
    length = sum(len(piece) for piece in body)
    before = (f"Content-Type: {kind}", f"Content-Length: {length}", modified)
    return Answer(pages.PARTIAL, b"", before, tuple(after), asks=True, more=tuple(body))


def _may(headers: dict[str, str], modified_s: int, tag: str) -> bool:
    unmodified = _time(headers.get("if-unmodified-since"))
    if unmodified is not None and unmodified < modified_s:
        return False
    match = headers.get("if-match")
    return match is None or _names(match, tag, is_weak=False)


def _has_it(headers: dict[str, str], modified_s: int, tag: str) -> bool:
    since, none_match = headers.get("if-modified-since"), headers.get("if-none-match")
    if since is None and none_match is None:
        return False
    if since is not None and _time(since) != modified_s:
        return False
    return none_match is None or _names(none_match, tag, is_weak=True)


def _names(listed: str, tag: str, is_weak: bool) -> bool:
    """Whether a list of tags has it. is_weak: those that say they are weak count, too."""
    tags = [each.strip() for each in listed.split(",")]
    if is_weak:
        tags = [each.removeprefix("W/") for each in tags]
    return listed.strip() == "*" or tag in tags


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(email.utils.parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _wish(headers: dict[str, str], modified_s: int, tag: str) -> str:
    """The parts that are wanted; empty: the whole, also where it is another than once."""
    condition = headers.get("if-range")
    if condition is None:
        is_same = True
    elif len(condition) >= 2 and condition.endswith('"'):
        is_same = condition == tag
    else:
        is_same = _time(condition) == modified_s
    return headers.get("range", "") if is_same else ""
