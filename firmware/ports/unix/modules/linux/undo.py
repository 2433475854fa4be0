"""What was set up and must be taken down again, the last first."""


class Undo:
    def __init__(self, log) -> None:
        self.log = log
        self.steps = []

    def push(self, action) -> None:
        self.steps.append(action)

    def run(self) -> None:
        """Everything is tried; what fails is told, because it stays behind."""
        while self.steps:
            action = self.steps.pop()
            try:
                action()
            except Exception as error:
                self.log("error", "while taking down: %s" % error)
