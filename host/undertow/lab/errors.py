"""What can go wrong with a lab, said to its user."""


class LabError(Exception):
    """The lab cannot be built or used here: what happened, why, and how to mend it."""

    def __init__(self, what: str, why: str, mend: str = "") -> None:
        super().__init__(f"{what}: {why}." + (f" {mend}" if mend else ""))
        self.what = what
        self.why = why
        self.mend = mend
