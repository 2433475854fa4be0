"""What was set up and must be taken down again, the last first."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Undo:
    def __init__(self, log: "Callable[[str, str], object]") -> None:
        self.log = log
        self.steps: "list[Callable[[], object]]" = []

    def push(self, action: "Callable[[], object]") -> None:
        self.steps.append(action)

    def run(self) -> None:
        """Everything is tried; what fails is told, because it stays behind."""
        while self.steps:
            action = self.steps.pop()
            try:
                action()
            except Exception as error:
                self.log("error", "while taking down: %s" % error)
