"""The people in the database, of each kind."""

from __future__ import annotations

import threading

import pytest

from chatserver.accounts.users import (
    InvalidNameError,
    LastAdminError,
    NameTakenError,
    UnknownUserError,
    UserError,
    Users,
)
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


def test_the_first_user_owns_the_server_whatever_the_role(users: Users) -> None:
    assert [users.register(name, PASSWORD).role for name in ("ann", "bob")] == ["admin", "user"]
    assert users.register("eve", PASSWORD, "admin").role == "admin"


def test_of_many_who_are_first_at_once_one_owns_the_server(users: Users) -> None:
    names = [f"user{number}" for number in range(6)]
    threads = [threading.Thread(target=users.register, args=(name, PASSWORD)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(user.role for user in users.list()) == ["admin"] + ["user"] * 5


def test_a_role_changes_and_old_tokens_end_with_it(users: Users) -> None:
    root, ann = users.add_user("root", PASSWORD, "admin"), users.add_user("ann", PASSWORD)
    promoted = users.set_role("Ann", "admin")
    assert (promoted.role, promoted.tokens_valid_from_us > ann.tokens_valid_from_us) == ("admin", True)
    assert users.set_role("ann", "admin") == promoted == users.authenticate("ann", PASSWORD)
    demoted = users.set_role("root", "user")
    assert (demoted.role, demoted.tokens_valid_from_us > root.tokens_valid_from_us) == ("user", True)
    with pytest.raises(UnknownUserError):
        users.set_role("bob", "admin")


def test_there_is_always_an_admin_once_there_was_one(users: Users) -> None:
    users.add_user("root", PASSWORD, "admin")
    users.add_user("ann", PASSWORD)
    with pytest.raises(LastAdminError, match="root is the last admin; make another user one first"):
        users.set_role("root", "user")
    with pytest.raises(LastAdminError, match="root is the last admin; make another user one first"):
        users.remove("root")
    users.set_role("ann", "admin")
    users.remove("root")
    assert [(user.name, user.role) for user in users.list()] == [("ann", "admin")]


def test_of_two_admins_who_leave_at_once_one_stays(users: Users) -> None:
    for name in ("ann", "bob"):
        users.add_user(name, PASSWORD, "admin")
    refused: list[str] = []

    def demote(name: str) -> None:
        try:
            users.set_role(name, "user")
        except LastAdminError:
            refused.append(name)

    threads = [threading.Thread(target=demote, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [user.name for user in users.list() if user.role == "admin"] == refused
    assert len(refused) == 1


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
