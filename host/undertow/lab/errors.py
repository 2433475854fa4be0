"""What can go wrong with a lab, said to its user."""

from undertow.errors import UndertowError


class LabError(UndertowError):
    """The lab cannot be built or used here. why: without capital and full stop."""

    def __init__(self, what: str, why: str, mend: str = "") -> None:
        super().__init__(what, f"{why[:1].upper()}{why[1:]}.", mend)
