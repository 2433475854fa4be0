"""A file's answer to who has it already, or wants a part of it (RFC 9110, 13 and 14, as nginx)."""

import email.utils
import re
from datetime import UTC

from undertow.gateway.streams import pages
from undertow.gateway.streams.pages import Answer
from undertow.gateway.streams.request import Request


def answer(data: bytes, kind: str, modified_s: int, tag: str, request: Request) -> Answer:
    headers = request.headers
    modified = f"Last-Modified: {email.utils.formatdate(modified_s, usegmt=True)}"
    if not _may(headers, modified_s, tag):
        failed = pages.page(412, closes=True)
        return Answer(412, failed.body, failed.before, closes=True, says_keep_alive=True)
    if _has_it(headers, modified_s, tag):
        return Answer(304, b"", (modified,), (f"ETag: {tag}",))
    whole = (f"Content-Type: {kind}", f"Content-Length: {len(data)}", modified)
    part = _range(headers, len(data), modified_s, tag)
    if part is None:
        return Answer(pages.OK, data, whole, (f"ETag: {tag}", "Accept-Ranges: bytes"))
    start, end = part
    if start >= end:
        failed = pages.page(416)
        return Answer(416, failed.body, failed.before, (f"Content-Range: bytes */{len(data)}",))
    before = (f"Content-Type: {kind}", f"Content-Length: {end - start}", modified)
    after = (f"ETag: {tag}", f"Content-Range: bytes {start}-{end - 1}/{len(data)}")
    return Answer(pages.PARTIAL, data[start:end], before, after)


def _may(headers: dict[str, str], modified_s: int, tag: str) -> bool:
    unmodified = _time(headers.get("if-unmodified-since"))
    if unmodified is not None and unmodified < modified_s:
        return False
    match = headers.get("if-match")
    return match is None or _names(match, tag)


def _has_it(headers: dict[str, str], modified_s: int, tag: str) -> bool:
    since, none_match = headers.get("if-modified-since"), headers.get("if-none-match")
    if since is None and none_match is None:
        return False
    if since is not None and _time(since) != modified_s:
        return False
    return none_match is None or _names(none_match, tag)


def _names(listed: str, tag: str) -> bool:
    """Whether a list of tags has it; compared weakly."""
    tags = [each.strip().removeprefix("W/") for each in listed.split(",")]
    return listed.strip() == "*" or tag in tags


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(email.utils.parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _range(
    headers: dict[str, str], length: int, modified_s: int, tag: str
) -> tuple[int, int] | None:
    """(first byte, that behind the last); the first beyond the end: none of it is there.

    None: the whole file. Of several ranges, which nobody's browser asks for, the whole as well.
    """
    match = re.fullmatch(r"bytes= *([0-9]{0,15}) *- *([0-9]{0,15}) *", headers.get("range", ""))
    if match is None or not (match[1] or match[2]):
        return None
    condition = headers.get("if-range")
    if condition is not None and condition != tag and _time(condition) != modified_s:
        return None
    if not match[1]:
        return max(length - int(match[2]), 0), length if int(match[2]) else 0
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    return start, min(int(match[2]) + 1, length) if match[2] else length
