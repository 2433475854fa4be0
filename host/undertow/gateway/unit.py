"""The gateway as a service of systemd, with no more rights than it needs."""

import os
import shutil
import sys
from pathlib import Path

from undertow.gateway import own
from undertow.gateway.folder import DEFAULT, VARIABLE
from undertow.gateway.uapi import FOLDER as UAPI_FOLDER

NAME = "undertow-gateway.service"
STATE_ROOT = Path("/var/lib")

_UNIT = """\
[Unit]
Description=Undertow gateway
Wants=network-online.target
After=network-online.target nftables.service

[Service]
Type=exec
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
KillMode=mixed
Environment={environment}
{folders}
# The socket by which the tunnel is set up; others may have theirs beside it.
RuntimeDirectory=wireguard
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
UMask=0077
LimitCORE=0
# Two for each box behind TLS.
LimitNOFILE=16384

# Interfaces, routes and rules; ports below 1024. Nothing else of root is left.
CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_BIND_SERVICE
AmbientCapabilities=
NoNewPrivileges=yes
DevicePolicy=closed
DeviceAllow=/dev/net/tun rw
ProtectSystem=strict
ProtectHome={home}
PrivateTmp={tmp}
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectProc=invisible
# Not ProtectKernelTunables: whether an interface forwards is set below /proc/sys/net.
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def compose(state_folder: Path, backend: str, program: str = "") -> str:
    """The unit file, for the program that runs now. UndertowError: the data path is missing."""
    command = [*_ourselves(), "gateway", "run", "--backend", backend]
    environment = [f"{VARIABLE}={state_folder}"]
    if backend == "own":
        environment.append(f"{own.VARIABLE}={Path(own.find(program)).resolve()}")
    words = [*command, *environment]
    used = [word.split("=")[-1] for word in words]
    in_home = any(word.startswith(("/home/", "/root/")) for word in used)
    in_tmp = any(word.startswith(("/tmp/", "/var/tmp/")) for word in used)  # noqa: S108
    return _UNIT.format(
        command=" ".join(_quoted(word) for word in command),
        environment=" ".join(_quoted(word) for word in environment),
        folders=_folders(state_folder),
        home="read-only" if in_home else "yes",
        tmp="no" if in_tmp else "yes",
    )


def _ourselves() -> list[str]:
    """The program as it was called, by its whole path."""
    beside = Path(sys.executable).parent / "undertow"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("undertow")
    return [found] if found else [sys.executable, "-m", "undertow.cli"]


def _folders(state_folder: Path) -> str:
    """systemd makes the folder where it is one of /var/lib, else it has to be there."""
    if state_folder.is_relative_to(STATE_ROOT) and state_folder != STATE_ROOT:
        return f"StateDirectory={state_folder.relative_to(STATE_ROOT)}\nStateDirectoryMode=0700"
    return f"ReadWritePaths={_quoted(str(state_folder))}"


def _quoted(word: str) -> str:
    """As systemd reads it: % and $ mean something there."""
    word = word.replace("%", "%%").replace("$", "$$")
    if all(c.isalnum() or c in "/-_.=:+@%$" for c in word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


HINT = f"""\
Save it and start it:
  sudo sh -c 'undertow gateway install --print > /etc/systemd/system/{NAME}'
  sudo systemctl daemon-reload
  sudo systemctl enable --now {NAME.removesuffix(".service")}
Its state is in {DEFAULT}, unless --state says otherwise; its socket in {UAPI_FOLDER}."""
