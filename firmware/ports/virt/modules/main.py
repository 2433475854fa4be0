"""What the machine runs once its devices and its packet path are there, closed."""


def main() -> None:
    """The device program. When it ends, the machine says so and resets."""
    from box.program import run

    run()
