"""The web site that everybody sees: files of a folder, or a page of our own, held in memory."""

import mimetypes
import os
import re
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.gateway.streams import conditions, own_site, pages, target
from undertow.gateway.streams.pages import Answer
from undertow.gateway.streams.request import Request

# Of all its files together: a site to be looked at, and not a mirror.
LEN_MAX = 64 << 20
FILES_MAX = 4096
_INDEX = "index.html"
# Printable, and not one of those that mean something in a target.
_PLAIN = "!$&'()*+,-./:;=@[]_~"

_TYPES = {".html": "text/html", ".htm": "text/html", ".css": "text/css", ".txt": "text/plain"}
_TYPES |= {".js": "application/javascript", ".xml": "text/xml", ".ico": "image/x-icon"}


@dataclass(frozen=True)
class File:
    """kind: its media type. modified_s: since 1970."""

    data: bytes
    kind: str
    modified_s: int

    @property
    def tag(self) -> str:
        """As nginx makes it: when and how long, in hexadecimal."""
        return f'"{self.modified_s:x}-{len(self.data):x}"'


class Site:
    def __init__(self, files: dict[str, File]) -> None:
        """files: by their path on the site, which begins with a slash."""
        self.files = files
        self.folders = {"/"}
        for path in files:
            for end in (match.end() for match in re.finditer("/", path)):
                self.folders.add(path[:end])

    @staticmethod
    def built_in(seed: str, modified_s: int | None = None) -> "Site":
        """A page about something, another for every seed."""
        when = int(time.time()) if modified_s is None else modified_s
        texts = own_site.compose(seed)
        return Site(
            {path: File(text.encode(), kind_of(path), when) for path, text in texts.items()}
        )

    @staticmethod
    def of_folder(folder: Path) -> "Site":
        """UndertowError: there is none, it cannot be read, or it is far too large."""
        files: dict[str, File] = {}
        total = 0
        try:
            for path in _files_of(folder):
                status = path.stat()
                total += status.st_size
                if total > LEN_MAX or len(files) >= FILES_MAX:
                    raise _too_large(folder)
                # As requests name it: byte by byte.
                name = os.fsencode(f"/{path.relative_to(folder).as_posix()}").decode("latin-1")
                files[name] = File(path.read_bytes(), kind_of(name), int(status.st_mtime))
        except OSError as error:
            raise UndertowError(
                f"The web site {folder} cannot be read",
                f"The system says: {error.strerror}. It is what strangers see on the ports of web "
                "servers.",
                "Name a folder with an index.html in it, or take ours: undertow gateway set "
                "--site ''.",
                EXIT_USAGE,
            ) from error
        if f"/{_INDEX}" not in files:
            raise UndertowError(
                f"{folder} has no {_INDEX}",
                "A web site without a first page makes people curious.",
                "Put one there, or take ours: undertow gateway set --site ''.",
                EXIT_USAGE,
            )
        return Site(files)

    def answer(self, request: Request) -> Answer:
        """What a static site of nginx says to a request on its path."""
        path, method = request.path, request.method
        if method not in ("GET", "HEAD", "POST"):
            return pages.page(405)
        is_folder = path.endswith("/")
        file = self.files.get(path + _INDEX if is_folder else path)
        if file is None and is_folder and path in self.folders:
            return pages.page(403)
        if file is None and f"{path}/" in self.folders:
            # nginx names the host that was asked for.
            arguments = target.arguments_of(request.target)
            more = f"?{arguments}" if arguments else ""
            return _moved(f"https://{request.host}{_escaped(path)}/{more}")
        if file is None:
            return pages.page(404)
        if method == "POST":
            return pages.page(405)
        return conditions.answer(file.data, file.kind, file.modified_s, file.tag, request)


def _moved(location: str) -> Answer:
    found = pages.page(301)
    # Its own, other than one of `return 301`, stands before Connection.
    return Answer(found.status, found.body, (*found.before, f"Location: {location}"))


def _escaped(path: str) -> str:
    """As nginx names a folder (ngx_escape_uri): no byte of it ends a line, or is another's."""
    return urllib.parse.quote(path.encode("latin-1"), safe=_PLAIN)


def kind_of(path: str) -> str:
    ending = os.path.splitext(path)[1].lower()
    return _TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def _files_of(folder: Path) -> list[Path]:
    """Regular files, and no links: what is shown is what lies there."""
    if not folder.is_dir():
        raise NotADirectoryError(20, os.strerror(20))
    found = []
    for where, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()  # links among them are not followed
        found += [Path(where, name) for name in sorted(names)]
    return [path for path in found if path.is_file() and not path.is_symlink()]


def _raise(error: OSError) -> None:
    raise error


def _too_large(folder: Path) -> UndertowError:
    return UndertowError(
        f"The web site {folder} is too large",
        f"It is held in memory: up to {LEN_MAX >> 20} MiB in {FILES_MAX} files.",
        "Name a smaller folder.",
        EXIT_USAGE,
    )
