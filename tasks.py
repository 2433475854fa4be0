"""The tasks: `./invoke --list`. Thin on purpose; the work is done in host/undertow."""

from invoke.context import Context
from invoke.tasks import task


@task
def setup(_context: Context) -> None:
    """Fetch and install whatever is missing."""
