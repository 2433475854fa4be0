"""Files out of another release of the distribution, without telling the system's apt.

An apt state folder of our own names that release on the machine's own mirror, with the
distribution's keyring, so that every index is checked by its signature; /etc/apt and /var/lib/apt
stay as they are.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from undertow import paths, progress
from undertow.errors import UndertowError
from undertow.run import run
from undertow.setup.versions import Download, Source, pinned

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def mirror() -> str | None:
    """The URI of the Debian mirror that this machine is set to, or None where there is none."""
    if shutil.which("apt-get") is None or not KEYRING.exists():
        return None
    codename = _codename()
    listed = subprocess.run(
        ["apt-get", "update", "--print-uris"], capture_output=True, text=True, check=False
    ).stdout
    found = re.findall(r"^'(\S+?)/?/dists/(\S+?)/InRelease'", listed, re.MULTILINE)
    for uri, suite in found:
        if suite == codename and "security" not in uri:
            return str(uri)
    return None


def fetch(wanted: list[Download], into: Path) -> None:
    """Download files of the pinned suite into a folder. What came is for the caller to check."""
    uri = mirror()
    if uri is None:
        raise UndertowError(
            "This machine has no Debian mirror",
            "The pinned sources come from Debian's archive.",
            "Name folders with them by UNDERTOW_MICROPYTHON, UNDERTOW_LWIP, UNDERTOW_MBEDTLS.",
        )
    state = paths.cache() / "apt"
    options = _options(state, uri)
    why = "to fetch the sources that the firmware is built from"
    mend = "Check this machine's network and its apt sources, then run ./invoke setup again."
    into.mkdir(parents=True, exist_ok=True)
    with progress.step(f"Reading the index of Debian {pinned().suite}") as step:
        run(["apt-get", *options, "update"], why=why, mend=mend, on_line=step.detail)
    for item in wanted:
        with progress.step(f"Fetching {item.name} {item.version}") as step:
            if isinstance(item, Source):
                verb = ["source", "--download-only", "--only-source", "--tar-only"]
            else:
                verb = ["download"]
            run(
                ["apt-get", *options, *verb, f"{item.package}={_release(item, options)}"],
                why=why,
                mend=mend,
                cwd=into,
                on_line=step.detail,
            )


def _release(item: Download, options: list[str]) -> str:
    """The archive's version with the pinned file; a newer packaging of the same file will do."""
    if isinstance(item, Source):
        listing = ["apt-cache", *options, "showsrc", "--only-source", item.package]
    else:
        listing = ["apt-cache", *options, "show", item.package]
    told = run(listing, why=f"to find {item.file} in the archive")
    for paragraph in told.split("\n\n"):
        if item.sha256 in paragraph:
            version = re.search(r"^Version: (\S+)$", paragraph, re.MULTILINE)
            if version:
                return version[1]
    raise UndertowError(
        f"Debian {pinned().suite} no longer has {item.file} as it was pinned",
        f"Its package {item.package} has moved on.",
        "Update firmware/versions.toml, or name a folder with the sources "
        f"(UNDERTOW_{item.name.upper().replace('-', '_')}=DIR).",
    )


def _options(state: Path, uri: str) -> list[str]:
    """apt's options for the state folder, which is made here."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "state/status").touch()
    suite = pinned().suite
    (state / "sources.list").write_text(
        "".join(f"{kind} [signed-by={KEYRING}] {uri} {suite} main\n" for kind in ("deb", "deb-src"))
    )
    settings = {
        "Dir::State": state / "state",
        "Dir::State::status": state / "state/status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::sourcelist": state / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        # apt would fetch as a user who may not write in this folder.
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "APT::Update::Post-Invoke-Success": "",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _codename() -> str:
    """VERSION_CODENAME of this system, or nothing where it is not Debian."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return ""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return fields.get("VERSION_CODENAME", "").strip('"') if fields.get("ID") == "debian" else ""
