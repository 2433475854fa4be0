"""What descriptions show must be what the code does."""

import argparse
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tasks
from invoke.collection import Collection

from undertow import paths
from undertow.cli.commands import COMMANDS
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


# --- every README ---

FOLDERS = ("firmware", "hardware", "host", "tests")
READMES = (
    *(paths.ROOT / name for name in ("README.md", "CHANGELOG.md")),
    *(file for name in FOLDERS for file in sorted((paths.ROOT / name).rglob("*.md"))),
)
FILE = re.compile(r"[\w./-]+\.(?:py|c|h|md|toml|json|csv|cmake|scad|svg|txt|sh)")
# Of others: ESP-IDF's, a build's, and Improv's own repository.
FOREIGN = {"idf.py", "flash.json", "src/serial.md"}


def unquoted(text: str) -> Iterator[str]:
    """What stands in backticks, and each line of a block of code without its comment."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for line in "".join(blocks).splitlines():
        yield line.split(" #")[0]
    yield from re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("readme", READMES, ids=lambda file: str(file.relative_to(paths.ROOT)))
def test_the_files_that_a_readme_names_are_there(readme: Path) -> None:
    text = readme.read_text()
    named = {name for name in unquoted(text) if FILE.fullmatch(name) and "NAME" not in name}
    # From wherever it is clear: its folder, or the last parts of its path.
    there = [f"/{file}" for folder in FOLDERS for file in (paths.ROOT / folder).rglob("*.*")]
    missing = [
        name
        for name in sorted(named - FOREIGN)
        if not (readme.parent / name).exists()
        and not (paths.ROOT / name).exists()
        and not any(path.endswith(f"/{name}") for path in there)
    ]
    links = re.findall(r"\]\(([^)#]+)\)", text)
    missing += [link for link in links if "://" not in link and not (readme.parent / link).exists()]
    assert missing == []


def flags_of(command: str) -> set[str]:
    """All that `undertow COMMAND` knows, with what its own commands know."""
    parser = argparse.ArgumentParser(prog=command)
    parser.set_defaults(command=command)
    importlib.import_module(COMMANDS[command].module).add_arguments(parser)
    found: set[str] = {"--json", "--debug", "--help"}
    waiting = [parser]
    while waiting:
        for action in waiting.pop()._actions:
            found.update(action.option_strings)
            if isinstance(action, argparse._SubParsersAction):
                found.update(action.choices)
                waiting += action.choices.values()
    return found


@pytest.mark.parametrize("readme", READMES, ids=lambda file: str(file.relative_to(paths.ROOT)))
def test_the_commands_that_a_readme_shows_exist_with_these_flags(readme: Path) -> None:
    known = {
        name: {flag for argument in task.get_arguments() for flag in argument.names}
        for name, task in Collection.from_module(tasks).tasks.items()
    }
    unknown = []
    for line in unquoted(readme.read_text()):
        words = re.sub(r"^(sudo |\w+=\S+ )*", "", line).split()
        flags = {word.split("=")[0] for word in words if word.startswith("--")}
        if words[:1] == ["./invoke"]:
            named = [word for word in words[1:] if re.fullmatch(r"[a-z]+", word)]
            names = [word for word in named if word in known]
            may = {"--" + flag.replace("_", "-") for name in names for flag in known[name]}
            if flags - may - {"--list"} or (named[:1] and named[0] not in known):
                unknown.append(line)
        elif words[:1] == ["undertow"] and len(words) > 1 and words[1].isalpha():
            if words[1] not in COMMANDS and words[1].islower():
                unknown.append(line)
            elif words[1] in COMMANDS:
                knows = flags_of(words[1])
                if flags - knows or (
                    words[1] == "gateway" and words[2:3] and words[2] not in knows
                ):
                    unknown.append(line)
    assert unknown == []
