"""Values in texts, and which of them are not secrets themselves: they refer to one, or describe it."""

from __future__ import annotations

import re

from exporter.views.secrets.names import is_plural_of_tokens, is_secret_name, words_of

# Quoted (with quotes that may be escaped, or not closed), or a word.
QUOTED = (
    r"(?:\\++\"){3}[^\"\\]*+(?:\\++\"){0,3}+|"
    r"\"{3}(?:[^\"]|\"(?!\"\"))*+\"{0,3}|\"(?:[^\"\\]++|\\.)*+\"?|'[^']*+'?|`[^`]*+`?|\\++[\"'][^\"'\\]*+(?:\\++[\"'])?"
)
VALUE = re.compile(
    rf"\[redacted\]|(?:[bfruBFRU]{{1,2}}(?=\\*[\"']))?(?:{QUOTED})|(?:(?:Bearer|Basic|Token)\s++)?[^\s,;&\"')}}\]\\]++"
)
QUOTES = re.compile(r"([bfruBFRU]{0,2})\\*+[\"'`]+(.*?)\\*+[\"'`]*+", re.DOTALL)

# A variable or a template, or a placeholder of any kind.
REFERENCE = re.compile(
    r"(?:\w+\s+)?(?:"
    r"\$(?:\d|[A-Z_][A-Z0-9_]*|[a-z_]+(?:[A-Z][a-z]*)*|\w+(?:->|::|:|\.)[\w.>:-]+)|[$#]\{.*|\$\(.*|\$?\{\{.*|\{[\w.]*\}?"
    r"|<[\w][^<>]*>?|%\(\w+\)?s?|%[sv]|%[A-Z_]+%|:[a-z_]+|\?|!\w+|@\w+@"
    r"|arn:aws:.*|op://.*|(?i:your|my|some|the)[-_ ].*|\*+|[xX]{3,}|\.{3,}|[-–…•_]+"
    r")",
    re.DOTALL,
)
# What values describe, or the scheme before a token that is added later.
DESCRIPTIONS = frozenset(
    {
        "basic",
        "bearer",
        "digest",
        "false",
        "hidden",
        "include",
        "masked",
        "none",
        "null",
        "omit",
        "optional",
        "redacted",
        "required",
        "same-origin",
        "str",
        "string",
        "token",
        "true",
        "undefined",
    }
)
# fmt: off
# Types, constants and keywords of programs, and words that follow a name in a sentence.
WORDS_OF_CODE = frozenset({
    "raise", "throw", "pass", "break", "continue", "else", "try", "print", "nil", "&str", "int", "integer", "number",
    "bytes", "bool", "boolean", "any", "object", "secretstr", "empty", "yes", "no", "on", "off", "await", "async",
    "new", "not", "yield", "lambda", "if", "return", "typeof", "void", "self", "this", "default", "const", "func",
    "function", "must", "is", "the", "a", "an", "was", "has", "have", "should", "missing", "invalid", "too", "cannot",
    "expired", "mismatch", "incorrect", "wrong", "for", "and", "or", "of", "in", "to", "from", "with", "field",
    "header", "are", "will", "can", "may", "be", "|", ">", "{", "[", "(", "=", "==", "|-", ">-",
})
ROOTS = frozenset({
    "self", "this", "cls", "os", "process", "config", "settings", "args", "opts", "options", "env", "environ",
    "request", "req", "res", "response", "ctx", "context", "data", "params", "secrets", "state", "user", "credentials",
    "import", "props", "values", "var", "local", "module", "form", "body", "app", "conf", "cfg", "input", "event",
    "vault",
})
# fmt: on
CALL = re.compile(r"[A-Za-z_$][\w$.:>!-]*[(\[].*", re.DOTALL)
TYPE = re.compile(r"(?:Optional|Option|Union|List|Maybe|Annotated|Secret\w*)\b.*", re.DOTALL)
DOTTED = re.compile(r"[A-Za-z_]\w*(?:(?:\.|\?\.|->|::)[A-Za-z_]\w*)+")
IDENTIFIER = re.compile(r"[A-Za-z_]+")
ALPHANUMERIC = re.compile(r"[^\W_]")
PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\](?:[\w.@ -]+[/\\])*[\w@ -]*\.\w{1,8}|(?:~|\.{1,2})/\S+")
SYSTEM_PATH = re.compile(r"/(?:etc|home|run|var|usr|opt|tmp|root|Users|mnt|srv|secrets|app|dev|proc)/[\w./@-]+")


def is_literal(name: str, value: str, *, is_quoted: bool = False) -> bool:
    """Whether a value is itself the secret that its name says; without quotes, it may also be code."""
    quotes = None if is_quoted else QUOTES.fullmatch(value)
    text = quotes[2] if quotes else value
    if not ALPHANUMERIC.search(text) or text.strip().lower() in DESCRIPTIONS or _is_reference(text):
        return False
    if is_plural_of_tokens(name) and _is_number(text):
        return False
    if quotes:
        return not ("f" in quotes[1].lower() and "{" in text)
    return is_quoted or not _is_code(name, text)


def _is_reference(text: str) -> bool:
    """Whether a text only says where a secret is."""
    return any(pattern.fullmatch(text) for pattern in (REFERENCE, PATH, SYSTEM_PATH))


def _is_number(text: str) -> bool:
    """Whether a text is a number, perhaps with separators of thousands."""
    return text.replace(",", "").isdigit()


def _is_code(name: str, text: str) -> bool:
    """Whether a value without quotes is an expression or a word of a sentence, or the next option."""
    if text.lower().rstrip(".:?!|") in WORDS_OF_CODE or text.startswith(("--", "id=")):
        return True
    if CALL.fullmatch(text) or TYPE.fullmatch(text):
        return True
    if DOTTED.fullmatch(text):
        parts = re.split(r"\W+", text)
        return parts[0] in ROOTS or is_secret_name(parts[-1])
    return bool(IDENTIFIER.fullmatch(text)) and _is_named_alike(name, text)


def _is_named_alike(name: str, text: str) -> bool:
    """Whether a variable is named as what it is assigned to: password=password, db_password = password."""
    one, other = words_of(name), words_of(text)
    return not one.isdisjoint(other) and (one <= other or other <= one)
