"""Logging in and out, and what a browser keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint, Flask, Response, after_this_request, current_app, request
from msgspec import Meta, Struct

from chatserver.accounts.attempts import Attempts, TooManyAttemptsError
from chatserver.accounts.passwords import HashingBusyError, PasswordError
from chatserver.accounts.tokens import Tokens
from chatserver.accounts.users import NameTakenError, User, UserError, Users
from chatserver.api.operations import Operation, Request, endpoint
from chatserver.settings import ServerSettings
from chatserver.web.errors import Problem
from chatserver.web.gate import CSRF_COOKIE, TOKEN_COOKIE, current_identity, forget_cookies, public
from exporter.model.clock import from_us

EXTENSION = "hookmeter_auth"
MOST_BODY_BYTES = 4096

auth = Blueprint("auth", __name__, url_prefix="/api/auth")


@dataclass(frozen=True, slots=True)
class Desk:
    """What logging in needs. `count` is told how each attempt to log in ended: "success", "refused" or "limited"."""

    users: Users
    tokens: Tokens
    attempts: Attempts
    registration: bool
    production: bool
    token_seconds: int
    count: Callable[[str], None]


class Credentials(Request, frozen=True):
    """A name and a password."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class UserView(Struct, frozen=True):
    """A person, as they are shown to themselves."""

    user_id: str
    name: str
    role: str
    created_at: datetime


class LoggedIn(Struct, frozen=True):
    """Whose token it is, and until when."""

    user: UserView
    expires_at: datetime


class Login(LoggedIn, frozen=True):
    """The token to send as Authorization: Bearer TOKEN; a browser gets it as a cookie, too."""

    token: str


def install(
    app: Flask, settings: ServerSettings, users: Users, tokens: Tokens, count: Callable[[str], None] = lambda _: None
) -> None:
    """Let people log in to the app."""
    registration = settings.registration and not settings.production
    app.extensions[EXTENSION] = Desk(
        users, tokens, Attempts(), registration, settings.production, settings.token_seconds, count
    )
    app.register_blueprint(auth)


@auth.before_request
def bound_body() -> None:
    """No name and password are longer."""
    request.max_content_length = MOST_BODY_BYTES


@auth.post("/login")
@public
@endpoint(Operation("Log in", Login, body=Credentials, problems=(401, 429)))
def login(body: Credentials) -> Login:
    """A token for a name and a password."""
    desk = _desk()
    try:
        _count_attempt(body.name)
        user = desk.users.check(body.name, body.password)
    except (TooManyAttemptsError, HashingBusyError) as error:
        desk.count("limited")
        raise _too_many(error) from None
    if user is None:
        desk.count("refused")
        raise Problem(401, "The name or the password is wrong.", {"WWW-Authenticate": "Bearer"})
    desk.count("success")
    return _welcome(user)


@auth.post("/register")
@public
@endpoint(Operation("Make an account", Login, 201, Credentials, problems=(403, 409, 422, 429)))
def register(body: Credentials) -> Login:
    """A new user, who is logged in at once; in development only."""
    desk = _desk()
    if not desk.registration:
        raise Problem(403, "Nobody can register here; ask whoever runs the server for `hookmeter users add`.")
    try:
        desk.attempts.by_address(request.remote_addr)
        user = desk.users.add(body.name, body.password)
    except (TooManyAttemptsError, HashingBusyError) as error:
        raise _too_many(error) from None
    except NameTakenError as error:
        raise Problem(409, str(error)) from None
    except (UserError, PasswordError) as error:
        raise Problem(422, str(error)) from None
    return _welcome(user)


@auth.get("/verify")
@endpoint(Operation("Whose token it is", LoggedIn))
def verify() -> LoggedIn:
    """Whose token came with the request, and until when it is good."""
    identity = current_identity()
    return LoggedIn(_user_view(identity.user), from_us(identity.expires_us))


@auth.post("/logout")
@endpoint(Operation("Log out", None, 204))
def logout() -> None:
    """Revoke the token that came with the request, for all servers."""
    identity = current_identity()
    _desk().tokens.revoke(identity.jti, identity.expires_us)

    @after_this_request
    def forget(response: Response) -> Response:
        forget_cookies(response)
        return response


def _desk() -> Desk:
    desk: Desk = current_app.extensions[EXTENSION]
    return desk


def _count_attempt(name: str) -> None:
    """Count it before any password is hashed. Raises TooManyAttemptsError."""
    attempts = _desk().attempts
    attempts.by_address(request.remote_addr)
    attempts.on_name(name)


def _too_many(error: TooManyAttemptsError | HashingBusyError) -> Problem:
    return Problem(429, str(error), {"Retry-After": str(error.seconds)})


def _welcome(user: User) -> Login:
    """A token for the user, as an answer and as cookies that only pages of this site send."""
    desk = _desk()
    token = desk.tokens.issue(user)
    identity = desk.tokens.verify(token)

    @after_this_request
    def remember(response: Response) -> Response:
        kept = ((TOKEN_COOKIE, token, True), (CSRF_COOKIE, desk.tokens.csrf_token(identity.jti), False))
        for name, value, hidden in kept:
            response.set_cookie(
                name, value, desk.token_seconds, httponly=hidden, secure=desk.production, samesite="Strict"
            )
        return response

    return Login(_user_view(user), from_us(identity.expires_us), token)


def _user_view(user: User) -> UserView:
    return UserView(user.user_id, user.name, user.role, from_us(user.created_us))
