"""The keys of long sessions in memory: the same answers as a set of all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.session_count import SessionCount
from exporter.ledger.seen_keys import MAX_KEYS, MIN_ADDED, SeenCache, SeenKeys, StoredKeys

KEYS = st.sets(st.text(max_size=3), max_size=50)


@given(stored=KEYS, added=KEYS, batch=KEYS, asked=KEYS)
def test_keys_are_seen_that_are_stored_added_or_of_the_batch(
    stored: set[str], added: set[str], batch: set[str], asked: set[str]
) -> None:
    keys = StoredKeys(stored, 0)
    keys.add(added)
    seen = SeenKeys(keys)
    seen.update(batch)
    everything = stored | added | batch
    assert {key for key in asked | everything if key in seen} == everything


def test_keys_that_are_added_one_by_one_are_seen() -> None:
    keys = StoredKeys((), 0)
    for number in range(3 * MIN_ADDED):
        keys.add([str(number)])
    assert len(keys) == 3 * MIN_ADDED
    assert all(str(number) in keys for number in range(3 * MIN_ADDED))
    assert str(3 * MIN_ADDED) not in keys


def test_the_sessions_that_were_used_last_are_kept_up_to_a_number_of_keys() -> None:
    class Many(StoredKeys):
        def __len__(self) -> int:
            return MAX_KEYS // 2

    cache = SeenCache()
    for name in "abc":
        cache.keep(name, Many((), 0))
        assert cache.find("a")
    assert [name for name in "abc" if cache.find(name)] == ["a", "c"]
    new = SessionCount.new("c")
    new.pairing.remember("key")
    cache.add_committed([new])
    found = cache.find("c")
    assert found is not None
    assert "key" in found
