"""What a box says, as it may be shown: whoever is on the line can say anything at all.

A name or a key is also part of commands that people paste.
"""

import re
from typing import Any

from undertow.terminal.plain import text
from wg.keytext import is_base64_key

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def whole(said: Any) -> Any:
    """An answer with all its texts as they may be shown, keywords included."""
    if isinstance(said, str):
        return text(said)
    if isinstance(said, list):
        return [whole(each) for each in said]
    if isinstance(said, dict):
        return {text(keyword): whole(each) for keyword, each in said.items()}
    return said


def name(said: object) -> str | None:
    """A box's name. ValueError: it can be none."""
    if said is None or (isinstance(said, str) and _NAME.fullmatch(said)):
        return said
    raise ValueError("its name is none")


def public_key(said: object) -> str | None:
    """A public key in base64. ValueError: it is none."""
    if said is None or (isinstance(said, str) and is_base64_key(said.encode())):
        return said
    raise ValueError("its public key is none")
