"""What there is to know of the boards, from hardware/*.toml, and all that is made of it."""


def main(check: bool = False) -> bool:
    """Write what is made, or only say what differs. False: something does, and check was asked."""
    from undertow import paths, setup
    from undertow.hardware import generated

    if check:
        found = generated.drift()
        print(found, end="")
        return not found
    if generated.needs_drawing():
        setup.packages.ensure("hardware")
    for path in generated.write():
        print(path.relative_to(paths.ROOT))
    return True
