"""What the user names on the command line for a box: names and files, no contents."""

from dataclasses import dataclass

from undertow.errors import EXIT_USAGE, UndertowError

STDIN = "-"

NO_TUNNEL = UndertowError(
    "No tunnel is named",
    "A box needs to know its gateway: from a wg-quick file, or by pairing with it.",
    "Add --config home.conf, or --pair HOST --room N as `undertow gateway pair` says it.",
    EXIT_USAGE,
)


@dataclass(frozen=True)
class Wanted:
    """What the user names; what is empty was not named.

    config: a wg-quick file, "-" for standard input. pairs: the tunnel comes from pairing, later.
    name, uplink, medium, lan, lan_ssid: see box_document. import_key: give the box the private key
    of that file. key_file: give it the one in this file. wifi: networks by name, each with its
    password in the file of wifi_password_files at the same place, or asked for; wifi_open: open
    ones; wifi_qr: files with a QR code's text. For every file "-" is standard input, and for a code
    "ask" asks for it.
    """

    config: str = ""
    name: str = ""
    uplink: str = ""
    lan: str = ""
    import_key: bool = False
    key_file: str = ""
    pairs: bool = False
    medium: str = ""
    wifi: tuple[str, ...] = ()
    wifi_password_files: tuple[str, ...] = ()
    wifi_open: tuple[str, ...] = ()
    wifi_qr: tuple[str, ...] = ()
    lan_ssid: str = ""
    lan_password_file: str = ""

    @property
    def describes_box(self) -> bool:
        """Whether anything is named that is in the document "box"."""
        return bool(
            self.name
            or self.uplink
            or self.lan
            or self.medium
            or self.wifi
            or self.wifi_open
            or self.wifi_qr
            or self.lan_ssid
            or self.lan_password_file
        )

    def see_that_it_is_enough(self) -> None:
        """UndertowError: nothing is named, or things that exclude each other."""
        if not (self.config or self.pairs or self.describes_box or self.key_file):
            raise NO_TUNNEL
        if self.config and self.pairs:
            raise UndertowError(
                "Two gateways are named",
                "--config takes the tunnel from a file, --pair from the gateway itself.",
                "Give one of the two.",
                EXIT_USAGE,
            )
        if self.import_key and self.key_file:
            raise UndertowError(
                "Two private keys are named",
                "--import-key takes the one in the tunnel's file, --key-file the one in its own.",
                "Give one of the two.",
                EXIT_USAGE,
            )
        if self.import_key and not self.config:
            raise UndertowError(
                "--import-key has no file to take the key from",
                "It takes the PrivateKey of the tunnel's file, and no --config is given.",
                "Name the file by --config, or the key's own by --key-file.",
                EXIT_USAGE,
            )
        self._see_that_standard_input_is_one_thing()

    def _see_that_standard_input_is_one_thing(self) -> None:
        files = (
            self.config,
            self.key_file,
            *self.wifi_qr,
            *self.wifi_password_files,
            self.lan_password_file,
        )
        if files.count(STDIN) > 1:
            raise UndertowError(
                "Standard input is named twice",
                "It can be one file, and is to be several.",
                "Name a file for all but one of them.",
                EXIT_USAGE,
            )
        if len(self.wifi_password_files) > len(self.wifi):
            raise UndertowError(
                "There are more --wifi-password-file than --wifi",
                "The first is for the first network, the second for the second.",
                "Name each network by --wifi.",
                EXIT_USAGE,
            )
