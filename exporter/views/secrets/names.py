"""Which names are those of secrets, of a key, an option, an assignment or an element, by the words in them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

# fmt: off
SECRET_WORDS = frozenset({
    "password", "passwords", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "secret", "secrets", "token",
    "tokens", "apikey", "credential", "credentials", "creds", "otp", "authorization", "cookie", "cookies", "jwt",
    "storepass", "keypass", "requirepass", "masterauth",
})
# What a word ends in that is written without a boundary: PGPASSWORD, authtoken, clientsecret.
SECRET_ENDINGS = (
    "password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "privatekey", "accesskey",
)
SECRET_PAIRS = frozenset({
    (kind, key) for key in ("key", "keys") for kind in (
        "access", "account", "admin", "api", "app", "auth", "consumer", "deploy", "encryption", "hmac", "jwt", "master",
        "preshared", "private", "secret", "service", "session", "shared", "signing", "storage", "subscription", "write",
    )
} | {
    ("license", "key"),
})
# STRIPE_KEY, BASIC_AUTH, GH_PAT: the last words of variables that are secrets, unless another word says what else.
VARIABLE_WORDS = frozenset({"key", "auth", "pat"})
OTHER_WORDS = frozenset({
    "cache", "disable", "enable", "foreign", "group", "hash", "host", "map", "need", "no", "object", "partition",
    "primary", "public", "range", "registry", "require", "routing", "skip", "sort", "unique", "use", "with",
})
# "max_tokens", "token_count", "next_page_token": a number of tokens or a place in a list, not a token.
TOKEN_WORDS = frozenset({"token", "tokens"})
COUNTING_WORDS = frozenset({
    "max", "min", "num", "n", "total", "input", "output", "prompt", "completion", "cache", "cached", "reasoning",
    "thinking", "budget", "limit", "count", "counts", "usage", "used", "left", "remaining", "per", "estimated", "next",
    "page", "continuation", "pad", "eos", "bos", "unk", "sep", "cls", "mask", "stop", "special",
})
# "password_file", "tokenType", "secret-name": what is said of a secret, not the secret.
ATTRIBUTES = frozenset({
    "age", "arn", "count", "dir", "directory", "enabled", "endpoint", "error", "errors", "expires", "expiry", "field",
    "file", "format", "hint", "label", "length", "limit", "manager", "name", "names", "path", "pattern", "placeholder",
    "policy", "prompt", "provider", "ref", "regex", "required", "reset", "rotation", "size", "stdin", "strength", "ttl",
    "type", "uri", "url", "validator", "version",
})
# "test_token.py:12" is a place in a file.
FILE_TYPES = frozenset({
    "c", "cpp", "cs", "css", "csv", "ex", "exs", "go", "h", "hpp", "html", "java", "js", "json", "jsx", "kt", "lock",
    "log", "md", "php", "py", "pyi", "rb", "rs", "scss", "sh", "sql", "svelte", "swift", "toml", "ts", "tsx", "txt",
    "vue", "yaml", "yml",
})
# PASS and PWD alone are a test result and a directory; in DB_PASS and user_pwd they are secrets, in first_pass not.
SHORT_WORDS = frozenset({"pass", "pwd", "pw"})
ORDINALS = frozenset({
    "by", "each", "first", "last", "multi", "old", "one", "per", "render", "second", "single", "test", "tests", "two",
})
# fmt: on
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Every secret name contains one of these in lower case, so names are searched only where they occur.
STEMS = ("pass", "pw", "secret", "token", "key", "cred", "authorization", "cookie", "jwt", "_auth", "_pat", "otp")


def words_of(name: str) -> set[str]:
    """The words of a name, in lower case."""
    return {word.lower() for word in WORD.findall(name)}


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a value with this name is a secret, as far as the name can say."""
    words = [word.lower() for word in WORD.findall(name)]
    if not words or words[-1] in ATTRIBUTES or ("." in name and words[-1] in FILE_TYPES):
        return False
    if not SECRET_PAIRS.isdisjoint(pairwise(words)):
        return True
    if name.isupper() and len(words) > 1 and words[-1] in VARIABLE_WORDS:
        return OTHER_WORDS.isdisjoint(words)
    matching = {word for word in words if word in SECRET_WORDS or word.endswith(SECRET_ENDINGS)} - {"nopasswd"}
    if matching <= SHORT_WORDS:
        return len(words) > 1 and words[-1] in SHORT_WORDS and ORDINALS.isdisjoint(words)
    return not (matching <= TOKEN_WORDS and COUNTING_WORDS.intersection(words))


def is_secret_option(name: str) -> bool:
    """Whether an option is that of a secret: --pass is, although PASS: TestLogin is not."""
    return is_secret_name(name) or name in SHORT_WORDS


def is_plural_of_tokens(name: str) -> bool:
    """Whether a name may also be that of a number of tokens."""
    return SECRET_WORDS & words_of(name) == {"tokens"}
