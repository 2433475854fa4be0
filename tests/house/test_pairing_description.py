"""What the description of pairing says must be what the code does."""

import re

from pairing import frames, info, lockout, messages
from undertow import paths

TEXT = (paths.FIRMWARE / "lib" / "pairing" / "README.md").read_text()


def test_the_figures_are_those_of_the_code() -> None:
    for sentence in (
        f"`info`, at most {messages.INFO_LEN_MAX} bytes",
        f"{messages.PART_LEN_MIN} to {messages.PART_LEN_MAX} |",
        f"an end refuses for {lockout.SHORT_S} s",
        f"for {lockout.LONG_S // 60} min",
        f"1 to {info.NAME_LEN_MAX} letters",
        f"(at most {info.KEYWORD_LEN_MAX})",
        "up to eight lines",
    ):
        assert sentence in TEXT
    assert (info.ENDPOINTS_MAX, lockout.LONG_FROM, messages.ROOM_LEN) == (8, 3, 4)


def test_every_keyword_frame_and_reason_is_described() -> None:
    keywords = set(re.findall(r"`([a-z][a-z-]+)`", TEXT.split("## Info")[1].split("## Frames")[0]))
    assert set(info._READERS) == keywords
    rows = re.findall(r"^\| (\d) \| (\w+) \|", TEXT, re.MULTILINE)
    assert [(int(number), getattr(frames, name.upper())) for number, name in rows] == [
        (number, number) for number in range(6)
    ]
    reasons = re.search(r"\| 5 \| end \| (.*) \|", TEXT)
    assert reasons is not None
    assert [int(number) for number in re.findall(r"\d", reasons[1])] == list(range(5))


def test_the_files_are_all_described() -> None:
    folder = paths.FIRMWARE / "lib" / "pairing"
    files = {file.name for file in folder.glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", TEXT.split("## A run")[0])) == files
