"""What a box is, whatever it was given."""

from box.box_settings import default_name


class Identity:
    def __init__(self, firmware: str, board: str, mac: bytes) -> None:
        """mac: of the uplink."""
        self.firmware = firmware
        self.board = board
        self.mac = mac

    @property
    def default_name(self) -> str:
        """What the box is called until somebody names it."""
        return default_name(self.mac)
