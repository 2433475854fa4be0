"""All that a box is to be given, read from where the user has it."""

from dataclasses import dataclass, field

from _wg import PrivateKey

from undertow import secret
from undertow.console.problem import Problem
from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.provisioning import box_document, networks, tunnel_file
from undertow.provisioning.access_point import AccessPoint
from undertow.provisioning.box_document import BoxWanted
from undertow.provisioning.tunnel_file import TunnelFile
from undertow.provisioning.wanted import Wanted
from wg.keytext import public_to_base64, wipe


@dataclass
class Settings:
    """The tunnel, what the box is to be, and a private key if the box is not to make its own.

    tunnel: None: the box keeps the one that it has, or gets one by pairing (pairs). box: None: it
    stays as it is, and if it is nothing yet, it becomes what suggested says. unused: the public key
    of the private key in the tunnel's file, when that stays here. made: the box's own Wi-Fi, once a
    password that was made for it may be in force: to be shown, whatever else goes wrong.
    """

    tunnel: TunnelFile | None
    box: BoxWanted | None
    suggested: BoxWanted
    pairs: bool = False
    key: bytearray | None = field(default=None, repr=False)  # 44 characters
    public: str | None = None  # that goes with key
    unused: str | None = None
    notes: list[Problem] = field(default_factory=list)
    made: AccessPoint | None = None

    @property
    def source(self) -> str:
        """What its errors are about."""
        return "what it was given" if self.tunnel is None else self.tunnel.name

    def wipe(self) -> None:
        """Erase what is secret."""
        if self.tunnel is not None:
            self.tunnel.wipe()
        for each in (self.box, self.suggested, self.made):
            if each is not None:
                each.wipe()
        if self.key is not None:
            wipe(self.key)


def read(wanted: Wanted) -> Settings:
    """Read everything, and ask for what is missing; the caller wipes it.

    UndertowError: something cannot be used.
    """
    wanted.see_that_it_is_enough()
    notes: list[Problem] = []
    settings = Settings(None, None, BoxWanted(), wanted.pairs, notes=notes)
    if wanted.config:
        settings.suggested.name = box_document.name_after(wanted.config)
    try:
        # What is asked for last: nobody types a password to hear that a file is missing.
        if wanted.config:
            settings.tunnel = tunnel_file.read(wanted.config)
            notes += settings.tunnel.notes
        _read_key(wanted, settings)
        if wanted.describes_box:
            settings.box = networks.read(wanted, notes)
            settings.box.check()
    except BaseException:
        settings.wipe()
        raise
    return settings


def _read_key(wanted: Wanted, settings: Settings) -> None:
    tunnel = settings.tunnel
    if wanted.key_file:
        _use(settings, secret.read_private_key(wanted.key_file), wanted.key_file)
    elif wanted.import_key and tunnel is not None:
        _use(settings, _key_in(tunnel), tunnel.name)
    elif tunnel is not None and tunnel.private_key is not None:
        is_usable = secret.is_key(tunnel.private_key)
        settings.unused = _public(tunnel.private_key) if is_usable else None


def _key_in(tunnel: TunnelFile) -> bytearray:
    if tunnel.private_key is None:
        raise UndertowError(
            f"{tunnel.name} has no PrivateKey",
            "--import-key gives the box the one in that file.",
            "Leave --import-key out and the box makes its own, or name a key by --key-file.",
            EXIT_REFUSED,
        )
    if not secret.is_key(tunnel.private_key):
        raise UndertowError(
            f"The PrivateKey in {tunnel.name} is none",
            "A private key is 44 characters of base64.",
            "Copy the whole line that `wg genkey` printed, with the '=' at its end.",
            EXIT_REFUSED,
        )
    return bytearray(tunnel.private_key)


def _use(settings: Settings, key: bytearray, source: str) -> None:
    settings.key = key
    settings.public = _public(key)
    if settings.tunnel is not None and settings.public in settings.tunnel.peers:
        raise UndertowError(
            f"The private key in {source} is the gateway's",
            "A [Peer] of the tunnel has the public key that goes with it.",
            "Use the key of the box, or let the box make its own.",
            EXIT_REFUSED,
        )


def _public(key: bytearray) -> str:
    """The public key that goes with the 44 characters of a private one."""
    copy = bytearray(key)
    private = PrivateKey(copy)
    public = public_to_base64(private.public())
    private.wipe()
    wipe(copy)
    return public
