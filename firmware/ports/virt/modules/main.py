"""The device program of an emulated board."""


def main() -> None:
    pass
