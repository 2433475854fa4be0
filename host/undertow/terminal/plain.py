"""Text from elsewhere, as it may be shown: terminals obey some characters, and reorder others."""


def text(said: str) -> str:
    """The text, with a question mark for each character that cannot simply be printed."""
    return "".join(each if each.isprintable() else "?" for each in said)
