"""What a port brings to the device program besides the modules _board and _router.

This one is of a board with cables, one disk, nothing to press and nothing that shines.
"""

from box.links import Links
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control
    from box.state_store import Slots

    Log = Callable[[str, str], object]

# What condition() of begin() says: there is no tunnel and none is looked for; it is being looked
# for; it is there, and the two keys were compared; it is there, and they were not; something is in
# the way, which `status` has in words; somebody may sign in, in clear (box.sign_in).
CLOSED, CONNECTING, UP, UNVERIFIED, TROUBLE, SIGNING_IN = range(6)


class Port:
    """links: how the board joins its networks. slots: where the state lies; None: in files.

    is_asked_for: whether somebody pressed the board's button within the last half a minute; None:
    there is none. on_hold: to be called when the button was held for a while; None: nothing.
    """

    def __init__(self, log: "Log") -> None:
        self.links = Links()
        self.slots: "Slots | None" = None
        self.is_asked_for: "Callable[[], bool] | None" = None
        self.on_hold: "Callable[[], object] | None" = None

    def begin(self, control: "Control", condition: "Callable[[], int]") -> None:
        """The box begins to work. condition: how it goes, from now on."""

    def has_run_well(self) -> None:
        """It has worked for a while without a crash."""

    def erase(self) -> None:
        """Forget all that is kept elsewhere than on the disk; a reset follows. OSError."""
