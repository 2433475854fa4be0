"""What `undertow flash` tells: the flash map, and what was done."""

from collections.abc import Mapping

from undertow.flash.firmware import BOOTLOADER, FILES, TABLE, Firmware
from undertow.flash.plan import Plan, Step
from undertow.flash.tool import Inspection
from undertow.hardware import partitions

_UNKNOWN = "what is there already is skipped"
_TO_DO = {
    Step.WRITE: "would be written",
    Step.SKIP: "is there already",
    Step.KEEP: "is in use and stays; --erase makes it new",
}
_DONE = {
    Step.WRITE: "written and verified",
    Step.SKIP: "was there already",
    Step.KEEP: "is in use and stays; --erase makes it new",
}
_SECTOR = partitions.SECTOR


def flash_map(firmware: Firmware, steps: Mapping[str, Step] | None, is_done: bool) -> str:
    """The whole flash from its first byte on, with what is in each place.

    steps: None: it is not known yet, because no chip was asked.
    """
    words = _DONE if is_done else _TO_DO
    by_offset = {part.offset: part for part in firmware.parts}
    places = [
        (BOOTLOADER, firmware.board.soc.bootloader_offset, partitions.TABLE_OFFSET),
        (TABLE, partitions.TABLE_OFFSET, partitions.TABLE_OFFSET + _SECTOR),
        *((row.name, row.offset, row.end) for row in firmware.rows),
    ]
    lines = [f"{firmware.board.name}: {firmware.version}, from {firmware.source}"]
    for name, start, end in places:
        part = by_offset.get(start)
        what = "stays as it is"
        if part is not None:
            step = steps[part.name] if steps is not None else None
            said = words[step] if step else _UNKNOWN if part.name != FILES else "if none is in use"
            what = f"{part.name}, {len(part.content)} bytes: {said}"
        lines.append(f"  {start:#08x} to {end - 1:#08x}  {name:<10}  {what}")
    return "\n".join(lines)


def as_object(
    firmware: Firmware,
    plan: Plan | None,
    found: Inspection | None,
    port: str,
    is_done: bool,
) -> dict[str, object]:
    """The same for programs."""
    return {
        "board": firmware.board.name,
        "version": firmware.version,
        "source": firmware.source,
        "port": port or None,
        "chip": found.chip if found else None,
        "mac": found.mac if found else None,
        "flash_bytes": found.flash_size if found else None,
        "erased": plan.is_whole if plan else None,
        "done": is_done,
        "parts": [
            {
                "name": part.name,
                "offset": part.offset,
                "size": len(part.content),
                "sha256": part.sha256,
                "step": plan.steps[part.name].value if plan else None,
            }
            for part in firmware.parts
        ],
        "partitions": [
            {"name": row.name, "offset": row.offset, "size": row.size} for row in firmware.rows
        ],
    }
