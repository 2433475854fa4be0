"""What can go wrong with a chip, its line or its flash."""

from dataclasses import dataclass


class UnpluggedError(Exception):
    """The cable was pulled. What was written until then stays."""


@dataclass
class Faults:
    """A chip that works has none of these.

    is_silent: not one byte ever comes. says: what it says instead of an answer, again and again,
    as an application does that runs because the chip is not in download mode.
    refused_blocks: so many data blocks are refused, from the block first_refused on.
    has_wrong_md5: flash that was written reads back as something else.
    unplugged_after: bytes that are written until the cable is pulled.
    silent_after: bytes that are written until it says nothing more, with the cable in place.
    stub_stays_away: the stub is taken and never says that it runs.
    deaf_syncs: so many attempts to get in touch that it does not hear.
    """

    is_silent: bool = False
    says: bytes = b""
    refused_blocks: int = 0
    first_refused: int = 1
    has_wrong_md5: bool = False
    unplugged_after: int | None = None
    silent_after: int | None = None
    stub_stays_away: bool = False
    deaf_syncs: int = 0
