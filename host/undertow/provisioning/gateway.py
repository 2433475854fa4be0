"""What the gateway's owner has to paste, so that the gateway knows the box."""

from dataclasses import dataclass

from undertow.provisioning.tunnel_file import TunnelFile

# How the gateway calls its own interface is not known here; this is what most do.
INTERFACE = "wg0"


@dataclass(frozen=True)
class Snippets:
    """The same twice: for a tunnel that is up, and for the gateway's file."""

    command: str
    peer: str

    @classmethod
    def make(cls, public: str, tunnel: TunnelFile) -> "Snippets":
        """public: the box's key."""
        # A box carries IPv4.
        allowed = [f"{address}/32" for address in tunnel.addresses if ":" not in address]
        command = f"wg set {INTERFACE} peer {public} allowed-ips {','.join(allowed)}"
        lines = ["[Peer]", f"PublicKey = {public}", f"AllowedIPs = {', '.join(allowed)}"]
        if tunnel.has_preshared_key:
            # The key itself is shown nowhere.
            command += " preshared-key FILE"
            lines.append(f"PresharedKey = (the one in {tunnel.name})")
        return cls(command, "\n".join(lines))
