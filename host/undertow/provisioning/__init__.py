"""From a wg-quick file to a box that can run: what it gets, the giving, and the gateway's part."""

from undertow.console.problem import Problem, RefusedError
from undertow.provisioning.command import main
from undertow.provisioning.provisioner import provision
from undertow.provisioning.result import Result
from undertow.provisioning.settings import Settings, read
from undertow.provisioning.snippets import Snippets
from undertow.provisioning.wanted import Wanted

__all__ = [
    "Problem",
    "RefusedError",
    "Result",
    "Settings",
    "Snippets",
    "Wanted",
    "main",
    "provision",
    "read",
]
