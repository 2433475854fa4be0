"""What descriptions show must be what the code does."""

import re

from undertow import paths
from ut1 import device, errors, frame, host, lines, payload

UT1 = (paths.FIRMWARE / "lib" / "ut1" / "README.md").read_text()


def test_the_lines_that_the_protocols_description_shows_are_frames() -> None:
    examples = re.findall(r"^@ut1 \d.*$", UT1, re.MULTILINE)
    for example in examples:
        read = frame.decode(memoryview(bytearray(example.encode())))
        assert read is not None and read.payload is not None
        payload.parse(read.payload)
    assert len(examples) == 2


def test_the_figures_of_the_protocols_description_are_those_of_the_code() -> None:
    for sentence in (
        f"at most {lines.LINE_LEN_MAX} bytes with the newline",
        f"1 to {frame.SEQ_MAX}, decimal",
        f"1 to {frame.WORD_LEN_MAX} letters",
        f"at most {frame.PAYLOAD_LEN_MAX} bytes of it",
        f"A part has {payload.PART_LEN_MAX} bytes, an answer at most {device.ANSWER_LEN_MAX}",
        f"at most {payload.CHUNK_LEN_MAX} bytes; in order",
    ):
        assert sentence in UT1
    assert (len(host.PREAMBLE), host.TIMEOUT_MS, host.TRIES) == (8, 1000, 5)


def test_every_code_of_a_refusal_is_described() -> None:
    codes = [value for name, value in vars(errors).items() if name.isupper() and len(name) > 1]
    assert [code for code in codes if f"| `{code}` |" not in UT1] == []
    assert len(codes) == 9
