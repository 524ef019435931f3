"""What users do with their own account: change the password, and end all their sessions."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, Response, after_this_request
from msgspec import Meta

from chatserver.accounts.attempts import TooManyAttemptsError
from chatserver.accounts.passwords import HashingBusyError, PasswordError
from chatserver.accounts.users import UnknownUserError
from chatserver.api.auth import Login, bound_body, count_attempt, login_response, too_many_attempts
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import current_identity, delete_cookies
from chatserver.services import services

account = Blueprint("account", __name__, url_prefix="/api/auth")
account.before_request(bound_body)

Password = Annotated[str, Meta(min_length=1, max_length=200)]


class NewPassword(Request, frozen=True):
    """The password so far, and a new one."""

    old_password: Password
    new_password: Password


@account.post("/password")
@endpoint(Operation("Change your password", Login, body=NewPassword, problems=(403, 422, 429)))
def change_password(body: NewPassword) -> Login:
    """A new token for the user with the new password; all earlier ones are revoked."""
    name, users = current_identity().user.name, services().users
    try:
        count_attempt(name)
        if users.authenticate(name, body.old_password) is None:
            raise Problem(403, "The old password is wrong.")
        return login_response(users.change_password(name, body.new_password))
    except (TooManyAttemptsError, HashingBusyError) as error:
        raise too_many_attempts(error) from None
    except PasswordError as error:
        raise Problem(422, str(error)) from None
    except UnknownUserError:
        raise Problem(401, "The user was removed just now.") from None


@account.delete("/sessions")
@endpoint(Operation("Log out everywhere", None, 204))
def end_sessions() -> None:
    """Revoke all tokens of the user, for all servers."""
    try:
        services().users.end_sessions(current_identity().user.name)
    except UnknownUserError:
        raise Problem(401, "The user was removed just now.") from None

    @after_this_request
    def delete(response: Response) -> Response:
        delete_cookies(response)
        return response
