"""A host as a request names it (nginx's ngx_http_validate_host)."""

from undertow.gateway.streams.refusal import RefusedError


def validated(host: str) -> str:
    """In small letters, without port and last dot. RefusedError: it is none."""
    length, dot, is_literal, is_over = len(host), len(host), False, False
    for at, letter in enumerate(host):
        if letter == ".":
            if dot == at - 1:
                raise RefusedError
            dot = at
        elif letter == "/" or letter <= " " or letter == "\x7f":
            raise RefusedError
        elif letter == "[" and not at:
            is_literal = True
        elif is_over:
            continue
        elif letter == "]" and is_literal:
            length, is_over = at + 1, True
        elif letter == ":" and not is_literal:
            length, is_over = at, True
    if dot == length - 1:
        length -= 1
    if not length:
        raise RefusedError
    return "".join(c.lower() if c.isascii() else c for c in host[:length])
