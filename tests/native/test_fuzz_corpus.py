"""Every fuzz target over its corpus, under ASan and UBSan; `invoke fuzz` looks for more."""

import pytest

from undertow import fuzzing


@pytest.mark.parametrize("name", fuzzing.targets())
def test_corpus_replays_without_a_fault(name: str) -> None:
    printed = fuzzing.replay(name)
    count = int(printed.split()[0])
    assert count > 0, "an empty corpus shows nothing"
