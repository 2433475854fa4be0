"""`invoke flash` for an emulated board: its firmware is built, its flash is there."""

import json as json_text
from pathlib import Path

from undertow import build
from undertow.board import machine
from undertow.board.board import firmware_file
from undertow.board.flash import SIZE, Plan, Step, default_file, plan

_DONE = {
    Step.MAKE: "made, blank",
    Step.KEEP: "kept as it is; --erase makes it blank",
    Step.ERASE: "erased: its box makes another private key, and its gateway has to be told",
}
_TO_DO = {
    Step.MAKE: "would be made, blank",
    Step.KEEP: "would be kept as it is; --erase makes it blank",
    Step.ERASE: "would be erased, with the private key on it",
}


def main(board: str, flash_file: str, *, erase: bool, dry_run: bool, json: bool) -> None:
    """Do it, or with dry_run tell what would be done. UndertowError: it did not work."""
    machine.find(board)
    planned = plan(Path(flash_file) if flash_file else default_file(board), erase)
    firmware = firmware_file(board)
    if not dry_run:
        build.build(board)
        planned.carry_out()
    if json:
        print(json_text.dumps(_as_object(board, firmware, planned, dry_run), indent=2))
        return
    size = f"{firmware.stat().st_size} bytes" if firmware.exists() else "not built yet"
    words = _TO_DO if dry_run else _DONE
    print(f"{board}")
    print(f"  firmware  {firmware}: {size}")
    print(f"  flash     {planned.file}: {words[planned.step]}")


def _as_object(board: str, firmware: Path, planned: Plan, dry_run: bool) -> dict[str, object]:
    return {
        "board": board,
        "firmware": str(firmware),
        "flash": str(planned.file),
        "flash_bytes": SIZE,
        "step": planned.step.name.lower(),
        "done": not dry_run,
    }
