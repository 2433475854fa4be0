"""Files that must survive a power cut: the old content or the new, never a part."""

import os


def make_folder(path: str) -> None:
    """The folder and those above it, where they are missing."""
    start = 1
    while True:
        end = path.find("/", start)
        part = path if end < 0 else path[:end]
        if not exists(part):
            os.mkdir(part)
        if end < 0:
            return
        start = end + 1


def exists(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def replace(path: str, data: bytes) -> None:
    """Give a file new content. MicroPython's flush() is fsync()."""
    temporary = path + ".new"
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
    os.rename(temporary, path)
    try:
        with open(path.rsplit("/", 1)[0], "rb") as folder:
            folder.flush()
    except OSError:
        pass  # not every system opens folders; the file itself is safe either way
