"""The labels of projects: short, one for each directory, and never changed."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from exporter.counting.project_names import labels_of, new_labels
from exporter.model.sessions import Session
from exporter.model.text import MAX_LABEL_CHARACTERS, label_value

ACME, GLOBEX = "/home/acme/backend", "/home/globex/backend"


def test_a_project_is_called_by_the_name_of_its_directory() -> None:
    assert new_labels([("/home/dev/shop", 1), (ACME, 2)]) == {"/home/dev/shop": "shop", ACME: "backend"}


def test_the_later_of_two_with_one_name_has_a_label_with_its_parent() -> None:
    for times in permutations([(ACME, 1), (GLOBEX, 2)]):
        assert new_labels(times) == {ACME: "backend", GLOBEX: "globex/backend"}
    assert new_labels([(GLOBEX, 1), (ACME, 1)]) == {ACME: "backend", GLOBEX: "globex/backend"}


def test_more_parents_are_added_as_needed() -> None:
    paths = ["/a/x/backend", "/b/x/backend", "/b/x/backend/", "/c/b/x/backend"]
    assert list(new_labels(zip(paths, range(9), strict=False)).values()) == [
        "backend", "x/backend", "b/x/backend", "c/b/x/backend",
    ]  # fmt: skip


def test_a_label_that_was_given_is_kept_even_if_an_older_project_appears() -> None:
    assert new_labels([(ACME, 1)], taken=["backend"]) == {ACME: "acme/backend"}


def test_a_view_keeps_known_labels_and_a_session_without_a_project_has_none() -> None:
    sessions = [Session("a", ACME, 5), Session("b", GLOBEX, 3), Session("c"), Session("d", GLOBEX, 9)]
    assert labels_of(sessions, {}) == {GLOBEX: "backend", ACME: "acme/backend", "": ""}
    assert labels_of(sessions, {ACME: "backend"}) == {ACME: "backend", GLOBEX: "globex/backend", "": ""}


def test_the_first_time_of_a_project_is_that_of_any_log() -> None:
    assert new_labels([(ACME, 5), (GLOBEX, 4), (ACME, 3)]) == {ACME: "backend", GLOBEX: "globex/backend"}


PATHS = st.lists(st.sampled_from("abé/\\:. "), max_size=9).map("".join).map("/".__add__)


@given(st.dictionaries(PATHS | st.just("/" + "long" * 99), st.integers(0, 3), max_size=4))
def test_every_project_gets_a_valid_label_of_its_own(first_us: dict[str, int]) -> None:
    labels = new_labels(first_us.items())
    assert len(set(labels.values())) == len(first_us)
    assert all(label_value(label) == label and len(label) <= MAX_LABEL_CHARACTERS for label in labels.values())
    for order in permutations(first_us.items()):
        assert new_labels(order) == labels
