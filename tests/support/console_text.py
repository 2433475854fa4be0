"""Everything that went over a console's line, readable."""

import base64
import re


def decoded(heard: bytes | bytearray) -> str:
    """The bytes themselves, then the payload of each frame, then the bytes in these payloads."""
    payloads = re.findall(rb"@ut1 \d+ [a-z]+ ([A-Za-z0-9+/=]*) [0-9a-f]{8}\n", heard)
    text = bytes(heard) + b"".join(base64.b64decode(payload) for payload in payloads)
    inner = re.findall(rb'"d":"([A-Za-z0-9+/=]*)"', text)
    return (text + b"".join(base64.b64decode(data) for data in inner)).decode(errors="replace")
