"""Real traffic: boxes through `undertow gateway run` to an emulated internet."""

import pytest
from tests.gateway.home import GO, OURS, WEB, Home

from undertow.lab import Implementation
from undertow.lab.web import WebServer, fetch

PAGE = {"/": b"out there\n"}


@pytest.mark.parametrize("implementation", [OURS, GO], ids=str)
def test_a_box_reaches_the_internet_as_the_gateway(
    home: Home, implementation: Implementation
) -> None:
    home.run()
    box = home.box("attic", implementation)
    with WebServer(home.web, WEB, PAGE):
        assert fetch(box.namespace, WEB) == PAGE["/"]
