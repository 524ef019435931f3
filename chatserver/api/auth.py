"""Registration, login and logout, with cookies for browsers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask import Blueprint, Response, after_this_request, request
from msgspec import Meta, Struct

from chatserver.accounts.attempts import TooManyAttemptsError
from chatserver.accounts.login_tally import LoginResult
from chatserver.accounts.passwords import HashingBusyError, PasswordError
from chatserver.accounts.users import NameTakenError, User, UserError
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.middleware.errors import Problem
from chatserver.middleware.gate import CSRF_COOKIE, TOKEN_COOKIE, current_identity, delete_cookies, is_own, public
from chatserver.services import services
from exporter.model.clock import from_us

MAX_BODY_BYTES = 4096
ASK = "ask the operator of the server for `hookmeter users add`"

auth = Blueprint("auth", __name__, url_prefix="/api/auth")


class Credentials(Request, frozen=True):
    """A user name and a password."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class UserView(Struct, frozen=True):
    """The user of a token."""

    user_id: str
    name: str
    role: str
    created_at: datetime


class LoggedIn(Struct, frozen=True):
    """The user of a token, and when the token expires."""

    user: UserView
    expires_at: datetime


class Login(LoggedIn, frozen=True):
    """A token to send as Authorization: Bearer TOKEN; browsers get it as a cookie, too."""

    token: str


@auth.before_request
def bound_body() -> None:
    """Limit the body to the size of a name and a password."""
    request.max_content_length = MAX_BODY_BYTES


@auth.post("/login")
@public
@endpoint(Operation("Log in", Login, body=Credentials, problems=(401, 429)))
def login(body: Credentials) -> Login:
    """A token for a user name and a password."""
    count_login = services().metrics.logins.count_login
    try:
        count_attempt(body.name)
        user = services().users.authenticate(body.name, body.password)
    except (TooManyAttemptsError, HashingBusyError) as error:
        count_login(LoginResult.LIMITED)
        raise too_many_attempts(error) from None
    if user is None:
        count_login(LoginResult.FAILURE)
        raise Problem(401, "The name or the password is wrong.", {"WWW-Authenticate": "Bearer"})
    count_login(LoginResult.SUCCESS)
    return login_response(user)


@auth.post("/register")
@public
@endpoint(Operation("Register", Login, 201, Credentials, problems=(403, 409, 422, 429)))
def register(body: Credentials) -> Login:
    """A new user with a token; in development only, and only for the account that runs the server.

    The first user is an admin, who sees everything; later ones see their own tasks.
    """
    if not services().settings.may_register:
        raise Problem(403, f"Registration is disabled; {ASK}.")
    try:
        services().attempts.count_address(request.remote_addr)
        if not is_own(request):
            raise Problem(403, f"Only the account that runs the server can register users; {ASK}.")
        user = services().users.register(body.name, body.password)
    except (TooManyAttemptsError, HashingBusyError) as error:
        raise too_many_attempts(error) from None
    except NameTakenError as error:
        raise Problem(409, str(error)) from None
    except (UserError, PasswordError) as error:
        raise Problem(422, str(error)) from None
    return login_response(user)


@auth.get("/verify")
@endpoint(Operation("Verify a token", LoggedIn))
def verify() -> LoggedIn:
    """The user of the request's token, and when the token expires."""
    identity = current_identity()
    return LoggedIn(_user_view(identity.user), from_us(identity.expires_us))


@auth.post("/logout")
@endpoint(Operation("Log out", None, 204))
def logout() -> None:
    """Revoke the request's token, for all servers."""
    identity = current_identity()
    services().tokens.revoke(identity.jti, identity.expires_us)

    @after_this_request
    def delete(response: Response) -> Response:
        delete_cookies(response)
        return response


def count_attempt(name: str) -> None:
    """Count an attempt to log in. Raises TooManyAttemptsError."""
    attempts = services().attempts
    attempts.count_address(request.remote_addr)
    attempts.count_name(name)


def too_many_attempts(error: TooManyAttemptsError | HashingBusyError) -> Problem:
    """The problem of an attempt that has to wait."""
    return Problem(429, str(error), {"Retry-After": str(error.seconds)})


def login_response(user: User) -> Login:
    """A token for the user, in the response and as cookies that only pages of this site send."""
    settings, tokens = services().settings, services().tokens
    token = tokens.issue(user)
    identity = tokens.verify(token)

    @after_this_request
    def set_cookies(response: Response) -> Response:
        cookies = ((TOKEN_COOKIE, token, True), (CSRF_COOKIE, tokens.csrf_token(identity.jti), False))
        for name, value, hidden in cookies:
            response.set_cookie(
                name, value, settings.token_seconds, httponly=hidden, secure=settings.production, samesite="Strict"
            )
        return response

    return Login(_user_view(user), from_us(identity.expires_us), token)


def _user_view(user: User) -> UserView:
    return UserView(user.user_id, user.name, user.role, from_us(user.created_us))
