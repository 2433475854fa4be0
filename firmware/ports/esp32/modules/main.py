"""What _boot.py has the machine run, once the packet path is there, closed."""


def main() -> None:
    """The device program. When it ends, the machine says so and resets."""
    from box.program import run

    from espressif.port import Port

    run(Port)
