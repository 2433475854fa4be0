"""All that a box is to be given, read from where the user has it."""

from dataclasses import dataclass

from _wg import PrivateKey

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.provisioning import box_document, secret, tunnel_file
from undertow.provisioning.tunnel_file import TunnelFile
from wg.keytext import public_to_base64, wipe


@dataclass(frozen=True)
class Wanted:
    """What the user names.

    config: a wg-quick file, "-" for standard input. name, uplink, lan: see box_document.
    import_key: give the box the private key of that file. key_file: give it the one in this file,
    "-" for standard input.
    """

    config: str
    name: str = ""
    uplink: str = box_document.DHCP
    lan: str = ""
    import_key: bool = False
    key_file: str = ""


@dataclass
class Settings:
    """The tunnel, the box's own document, and a private key if the box is not to make its own.

    unused: the public key of the private key in the tunnel's file, when that stays here.
    """

    tunnel: TunnelFile
    box: bytearray
    key: bytearray | None = None  # 44 characters
    public: str | None = None  # that goes with key
    unused: str | None = None

    def wipe(self) -> None:
        """Erase what is secret."""
        self.tunnel.wipe()
        if self.key is not None:
            wipe(self.key)


def read(wanted: Wanted) -> Settings:
    """Read everything; the caller wipes it. UndertowError: something cannot be used."""
    _see_that_it_is_one_thing(wanted)
    name = wanted.name or box_document.name_after(wanted.config)
    box = box_document.compose(name, wanted.uplink, wanted.lan)
    tunnel = tunnel_file.read(wanted.config)
    settings = Settings(tunnel, box)
    try:
        if wanted.key_file:
            _use(settings, secret.read_private_key(wanted.key_file), wanted.key_file)
        elif wanted.import_key:
            _use(settings, _key_in(tunnel), tunnel.name)
        elif tunnel.private_key is not None and secret.is_private_key(tunnel.private_key):
            settings.unused = _public(tunnel.private_key)
    except BaseException:
        settings.wipe()
        raise
    return settings


def _see_that_it_is_one_thing(wanted: Wanted) -> None:
    if not wanted.config:
        raise UndertowError(
            "No tunnel is named",
            "A box needs to know its gateway, as a wg-quick file says it.",
            "Add --config home.conf.",
            EXIT_USAGE,
        )
    if wanted.import_key and wanted.key_file:
        raise UndertowError(
            "Two private keys are named",
            "--import-key takes the one in the tunnel's file, --key-file the one in its own.",
            "Give one of the two.",
            EXIT_USAGE,
        )
    if wanted.config == secret.STDIN and wanted.key_file == secret.STDIN:
        raise UndertowError(
            "Standard input is named twice",
            "It cannot be the tunnel's file and the private key's.",
            "Name a file for one of the two.",
            EXIT_USAGE,
        )


def _key_in(tunnel: TunnelFile) -> bytearray:
    if tunnel.private_key is None:
        raise UndertowError(
            f"{tunnel.name} has no PrivateKey",
            "--import-key gives the box the one in that file.",
            "Leave --import-key out and the box makes its own, or name a key by --key-file.",
            EXIT_REFUSED,
        )
    if not secret.is_private_key(tunnel.private_key):
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
    if settings.public in settings.tunnel.peers:
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
