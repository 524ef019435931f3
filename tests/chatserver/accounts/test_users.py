"""The people in the database, of each kind."""

from __future__ import annotations

import threading

import pytest

from chatserver.accounts.users import InvalidNameError, NameTakenError, UnknownUserError, UserError, Users
from chatserver.accounts.viewer import Viewer
from chatserver.storage.database import Database
from tests.chatserver.accounts.site import PASSWORD, ROUNDS


@pytest.fixture
def users(database: Database) -> Users:
    return Users(database, ROUNDS)


def test_who_was_added_is_known_by_name_and_password(users: Users) -> None:
    ann = users.add_user("ann", PASSWORD)
    assert users.authenticate("ann", PASSWORD) == ann
    assert users.authenticate("ann", PASSWORD + "!") is None
    assert users.authenticate("bob", PASSWORD) is None
    assert users.get(ann.user_id) == ann
    assert users.get("nobody") is None


def test_a_user_sees_their_own_tasks_and_an_admin_all(users: Users) -> None:
    ann, root = users.add_user("ann", PASSWORD), users.add_user("root", PASSWORD, "admin")
    assert ann.viewer == Viewer(ann.user_id, is_admin=False)
    assert root.viewer == Viewer(root.user_id, is_admin=True)
    with pytest.raises(UserError, match="Invalid role 'owner'"):
        users.add_user("bob", PASSWORD, "owner")


def test_a_name_is_the_same_however_it_is_capitalised(users: Users) -> None:
    ann = users.add_user("Ann", PASSWORD)
    assert ann.name == "ann"
    with pytest.raises(NameTakenError, match="'ann'"):
        users.add_user("ANN", PASSWORD)
    assert users.authenticate("aNN", PASSWORD) == ann


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "_x", "a\0", "a\n", "x" * 65, "änn", "\u212a", "a/b", "'; --"])
def test_what_is_no_name_is_refused_and_is_nobodys(users: Users, name: str) -> None:
    with pytest.raises(InvalidNameError):
        users.add_user(name, PASSWORD)
    assert users.authenticate(name, PASSWORD) is None
    with pytest.raises(UnknownUserError):
        users.remove(name)
    with pytest.raises(UnknownUserError):
        users.change_password(name, PASSWORD)


@pytest.mark.parametrize("name", ["a", "0", "ann.lee@example.org", "a_b-c", "x" * 64])
def test_names_are_letters_digits_and_a_few_signs(users: Users, name: str) -> None:
    assert users.add_user(name, PASSWORD).name == name


def test_of_many_who_want_a_name_at_once_one_gets_it(users: Users) -> None:
    outcomes: list[str] = []

    def add() -> None:
        try:
            outcomes.append(users.add_user("ann", PASSWORD).name)
        except NameTakenError:
            outcomes.append("taken")

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ann"] + ["taken"] * 5


def test_a_changed_password_is_the_only_one(users: Users) -> None:
    ann = users.add_user("ann", PASSWORD)
    changed = users.change_password("Ann", "another password")
    assert users.authenticate("ann", PASSWORD) is None
    assert users.authenticate("ann", "another password") == changed
    assert changed.user_id == ann.user_id
    assert changed.tokens_valid_from_us > ann.tokens_valid_from_us


def test_who_was_removed_is_nobody(users: Users) -> None:
    users.add_user("bob", PASSWORD)
    ann = users.add_user("ann", PASSWORD)
    assert [user.name for user in users.list()] == ["ann", "bob"]
    users.remove("ANN")
    assert [user.name for user in users.list()] == ["bob"]
    assert users.authenticate("ann", PASSWORD) is None
    assert users.add_user("ann", PASSWORD).user_id != ann.user_id
