"""The target of a request: which path is meant (as nginx's ngx_http_parse_complex_uri)."""

import re

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")


class BadTargetError(ValueError):
    """No server would look for that."""


def path_of(target: str) -> str:
    """Decoded, without query and fragment, dots and double slashes. BadTargetError: none."""
    raw = re.split(r"[?#]", target, maxsplit=1)[0] or "/"
    path = _ESCAPE.sub(_decoded, raw)
    if "\0" in path:
        raise BadTargetError
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == "..":
            if not kept:
                raise BadTargetError
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    is_folder = parts[-1] in ("", ".", "..")
    return "/" + "/".join(kept) + ("/" if is_folder and kept else "")


def _decoded(match: "re.Match[str]") -> str:
    if match[1] is None:
        raise BadTargetError
    return chr(int(match[1], 16))


def arguments_of(target: str) -> str:
    """What stands behind the question mark; empty: nothing."""
    return target.partition("#")[0].partition("?")[2]
