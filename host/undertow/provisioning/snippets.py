"""What the gateway's owner has to paste, so that the gateway knows the box."""

from dataclasses import dataclass

from undertow.provisioning.tunnel_file import TunnelFile

# How the gateway calls its own interface is not known here; this is what most do.
INTERFACE = "wg0"


@dataclass(frozen=True)
class Snippets:
    """The same three times: for a tunnel that is up, for its file, for a gateway of ours."""

    command: str
    peer: str
    add: str

    @classmethod
    def make(cls, public: str, tunnel: TunnelFile, name: str | None = None) -> "Snippets":
        """public: the box's key. name: the box's."""
        # A box carries IPv4.
        allowed = [f"{address}/32" for address in tunnel.addresses if ":" not in address]
        command = f"wg set {INTERFACE} peer {public} allowed-ips {','.join(allowed)}"
        lines = ["[Peer]", f"PublicKey = {public}", f"AllowedIPs = {', '.join(allowed)}"]
        if tunnel.has_preshared_key:
            # The key itself is shown nowhere.
            command += " preshared-key FILE"
            lines.append(f"PresharedKey = (the one in {tunnel.name})")
        address = allowed[0].removesuffix("/32") if allowed else ""
        add = f"undertow gateway add {name or 'BOX'} --public-key {public} --address {address}"
        if tunnel.has_preshared_key:
            add += " --psk-file FILE"
        return cls(command, "\n".join(lines), add)
