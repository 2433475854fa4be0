"""What is wrong with what a box is to be given, found by us or by the box."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from undertow.errors import EXIT_REFUSED, UndertowError


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be used. file, line: where it was written, if anywhere."""

    what: str
    why: str
    mend: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.place}{self.what}: {self.why}. {self.mend}"

    @property
    def place(self) -> str:
        """Where it was written, in front of what is said of it."""
        if self.file is None:
            return ""
        return f"{self.file}: " if self.line is None else f"{self.file}:{self.line}: "


class RefusedError(UndertowError):
    """What a box is to be given cannot be used; every problem in one go."""

    def __init__(self, what: str, problems: Sequence[Problem], mend: str) -> None:
        super().__init__(what, "\n".join(str(each) for each in problems), mend, EXIT_REFUSED)
        self.problems = tuple(problems)

    def details(self) -> dict[str, Any]:
        return {"problems": [asdict(each) for each in self.problems]}
