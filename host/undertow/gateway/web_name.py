"""The name of a gateway's web site: in its certificate, and what boxes ask for when TLS begins."""

import secrets

from undertow.gateway.settings import Settings, is_web_name

# What syllables begin with; with what else, that need not be there, the last one ends.
_STARTS = "b br d dr f g gr h j k kl l m n p r s st t tr v w z".split()  # noqa: SIM905
_VOWELS = "aeiou"
_ENDS = ("", "n", "r", "l", "s", "nd", "rt", "x")
_ENDINGS = ("net", "org", "info", "eu", "com")
# Three syllables: some 10^8 names, so that hardly one is somebody's, and no two gateways' the same.
_SYLLABLES = 3


def draw() -> str:
    """For a gateway without a name of its own: as somebody's own, and another for each.

    One that all have, or that ends as no public name does, would tell every gateway to whoever
    reads the certificate, or what a box says when it begins TLS.
    """
    pick = secrets.choice
    label = "".join(pick(_STARTS) + pick(_VOWELS) for _ in range(_SYLLABLES))
    return f"{label}{pick(_ENDS)}.{pick(_ENDINGS)}"


def web_name(settings: Settings, drawn: str) -> str:
    """As set, else that by which boxes find us, else the one that was drawn.

    drawn: empty: of a gateway whose boxes know it by the name that all had once.
    """
    if settings.tls_name:
        return settings.tls_name
    for endpoint in settings.endpoints:
        host = endpoint.rpartition(":")[0]
        if is_web_name(host):
            return host.lower()
    if drawn:
        return drawn
    own = "".join(c if c.isalnum() else "-" for c in settings.name.lower()).strip("-") or "gateway"
    return f"{own}.home.arpa"  # RFC 8375
