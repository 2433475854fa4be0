"""`invoke provision`: to a box on a cable, or to an emulated board that is started for it."""

import json as json_text
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from undertow import build, progress
from undertow.board import Board, Wiring, flash
from undertow.console import Console
from undertow.lab import signals
from undertow.provisioning.gateway import INTERFACE
from undertow.provisioning.provisioner import Result, provision
from undertow.provisioning.settings import Wanted, read


def main(wanted: Wanted, console_url: str, board: str, flash_file: str, json: bool) -> None:
    """Provision and tell what came of it.

    console_url: a box that runs; empty: the emulated board of that name on its flash_file, or on
    its default one.
    UndertowError: it did not work.
    """
    settings = read(wanted)
    try:
        with _url(console_url, board, flash_file) as url, Console(url) as console:
            result = provision(console, settings, progress.say)
    finally:
        settings.wipe()
    if json:
        print(json_text.dumps(result.as_object(), indent=2))
    else:
        print(_told(result))


@contextmanager
def _url(console_url: str, board: str, flash_file: str) -> Iterator[str]:
    if console_url:
        yield console_url
        return
    file = Path(flash_file) if flash_file else flash.default_file(board)
    planned = flash.plan(file)  # before minutes are spent on building
    build.build(board)
    planned.carry_out()
    # A socket in a folder of ours alone: nobody else on this machine can listen in.
    with tempfile.TemporaryDirectory(prefix="undertow-") as folder, signals.ending_by_exit():
        wiring = Wiring(console=f"unix:{folder}/console")
        with Board(board, Path(folder), flash=file, wiring=wiring) as running:
            yield running.console_url


def _told(result: Result) -> str:
    lines = [f"{note.place}{note.why.rstrip('.')}. {note.mend}".rstrip() for note in result.notes]
    if result.sent:
        lines.append(f"The box '{result.box.name}' is provisioned.")
    else:
        lines.append(f"The box '{result.box.name}' had all of it already; nothing changed.")
    if result.box.state != "live":
        found = result.problem
        why = "./invoke status says why."
        if found:
            why = f"{found['what']}: {found['why']}. {found['mend']}"
        lines.append(f"It does not run by that yet. {why}")
    lines += [
        f"Its public key is {result.public_key}",
        "",
        f"The gateway has to know it. Where its tunnel is up (as {INTERFACE}; yours may have "
        "another name):",
        f"    {result.gateway.command}",
        "and in its file, so that it stays:",
        *(f"    {line}" for line in result.gateway.peer.splitlines()),
    ]
    return "\n".join(lines)
