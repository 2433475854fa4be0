"""What came of provisioning a box, for people and for programs."""

from dataclasses import asdict, dataclass, field
from typing import Any

from undertow.console import Hello
from undertow.console.problem import Problem
from undertow.provisioning.snippets import INTERFACE, Snippets


@dataclass(frozen=True)
class Result:
    """What came of it.

    sent: the documents that differed; none: the box had everything already. gateway: what to tell
    it; None: there is nothing to tell. problem: why the box does not run by it, in its own words.
    """

    box: Hello
    public_key: str
    sent: tuple[str, ...]
    has_tunnel: bool
    gateway: Snippets | None
    notes: tuple[Problem, ...] = field(default=())
    problem: dict[str, Any] | None = None

    def as_object(self) -> dict[str, Any]:
        """For programs; nothing in it is secret."""
        return {
            "box": asdict(self.box),
            "public_key": self.public_key,
            "changed": bool(self.sent),
            "sent": list(self.sent),
            "verified": self.box.verified,
            "gateway": None if self.gateway is None else asdict(self.gateway),
            "notes": [asdict(note) for note in self.notes],
            "problem": self.problem,
        }

    def as_text(self) -> str:
        """For people, without what is secret and without the warning that is shown in colour."""
        lines = [_noted(note) for note in self.notes]
        if self.sent:
            lines.append(f"The box '{self.box.name}' is provisioned.")
        else:
            lines.append(f"The box '{self.box.name}' had all of it already; nothing changed.")
        if self.has_tunnel and self.box.state != "live":
            found = self.problem
            why = "`undertow status` says why."
            if found:
                why = f"{found['what']}: {found['why']}. {found['mend']}"
            lines.append(f"It does not run by that yet. {why}")
        lines.append(f"Its public key is {self.public_key}")
        if self.gateway is not None:
            lines += ["", *_for_gateway(self.gateway)]
        return "\n".join(lines)


def _noted(note: Problem) -> str:
    what = "" if note.what == "note" else f"{note.what}: "
    return f"{note.place}{what}{note.why.rstrip('.')}. {note.mend}".rstrip()


def _for_gateway(gateway: Snippets) -> list[str]:
    return [
        f"The gateway has to know it. Where its tunnel is up (as {INTERFACE}; yours may have "
        "another name):",
        f"    {gateway.command}",
        "and in its file, so that it stays:",
        *(f"    {line}" for line in gateway.peer.splitlines()),
        "or, where the gateway is one of ours:",
        f"    {gateway.add}",
    ]
