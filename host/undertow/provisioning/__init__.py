"""From a wg-quick file to a box that can run: what it gets, the giving, and the gateway's part."""

from undertow.provisioning.command import main
from undertow.provisioning.gateway import Snippets
from undertow.provisioning.problem import Problem, RefusedError
from undertow.provisioning.provisioner import Result, provision
from undertow.provisioning.settings import Settings, Wanted, read

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
