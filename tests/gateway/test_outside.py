"""What a box's results become in words."""

import pytest

from carrier import inside
from undertow.gateway import outside
from undertow.gateway.outside import BAD, GOOD, UNKNOWN

RESULTS = range(inside.NOT_ASKED, inside.BUSY + 1)


@pytest.mark.parametrize("how", [inside.PLAIN, inside.SHAPED, inside.BY_WS, inside.BY_TLS])
@pytest.mark.parametrize("result", RESULTS)
def test_each_result_has_words_and_what_is_bad_says_why_and_what_to_do(
    how: int, result: int
) -> None:
    found = outside.told(8443, how, result, "attic")
    assert found.where.startswith("UDP 8443" if how <= inside.SHAPED else "TCP 8443")
    assert "attic" in found.what
    assert found.where in found.what
    assert "{" not in found.what + found.why + found.mend
    unknown = (inside.NOT_ASKED, inside.BUSY)
    state = GOOD if result == inside.ANSWERED else UNKNOWN if result in unknown else BAD
    assert found.state == state
    if state == BAD:
        assert found.why.endswith(".")
        assert "8443" in found.mend


def test_what_is_wrong_with_a_tcp_port_is_told_apart() -> None:
    told = {outside.told(443, inside.BY_TLS, result, "attic").what for result in RESULTS}
    assert len(told) == len(RESULTS)
