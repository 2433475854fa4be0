"""What a board has, and on which pins: made for each by `./invoke hardware`, in boards/NAME/modules."""

from typing import Optional

ETHERNET: "Optional[dict[str, object]]"
BUTTON: "dict[str, object]"
LED: "dict[str, object]"
