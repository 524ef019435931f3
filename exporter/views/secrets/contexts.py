"""Secrets that are recognized by what surrounds them: headers, addresses, key blocks and the options of programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

# What stands for a secret: a variable of a shell, a template or a program, or a placeholder.
REFERENCE = r"[\"'`]?(?:\$[A-Za-z_({]|%[({s]|%[A-Z_]{2,40}%|\{|<\w)"
# HEADER: x, "header": "x", \"header\": \"x\", "header" => "x", ("header", "x").
SEPARATOR = r"(?:\\*+[\"']?\s*+(?:=>|:)\s*+\\*+(?:[fbru]?[\"'`])?+|\\*+[\"']\s*+,\s*+\\*+[fbru]?[\"'`])"
NOT_A_HEADER = rf"(?!\[redacted\]|{REFERENCE}|(?:str|string|bytes|Option\w*|None|null)\b|[\w.]++[(\[])"
# Where a word starts, also after an escaped line break of JSON or source code.
START = r"(?:(?<!\w)|(?<=\\[nrt]))"
# The options of a program before another one, on the same line, and its argument.
OPTIONS = r"\s(?:[^\n;|&]{0,200}?\s)?"
ARGUMENT = rf"(?!{REFERENCE})[\"']?[^\s\"']++"
PIPED = (
    r"((?:echo|printf)\s++(?:-n\s++)?[\"']?)[^\s\"'|$]++(?=[\"']?\s*+\|[^\n|]{0,100}--(?:password-stdin|with-token))"
)

# Each pattern matches a secret after its first group, and a lower-case text that is searched first.
ANYWHERE = (
    # Key blocks.
    (
        "-----begin",
        r"()(?s:-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        r".*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z))",
    ),
    ("private-lines:", r"(?s:(\bPrivate-Lines: \d{1,9}(?:\r?\n|\\n)).*?(?=Private-MAC:|\Z))"),
    ('"kty"', r'("(?:d|p|q|dp|dq|qi|k)"\s*+:\s*+")[\w-]{16,}+'),
    # Headers.
    (
        "authorization",
        rf"(?i:({START}authorization{SEPARATOR}(?:\w++\s++(?={REFERENCE}))?+){NOT_A_HEADER}[^\"'`\\\r\n]++)",
    ),
    ("cookie", rf"(?i:({START}cookie{SEPARATOR}){NOT_A_HEADER}[^\"'`\\\r\n]++)"),
    ("bearer", r"((?i:\bBearer)\s++)(?=[A-Za-z]{0,30}+[^A-Za-z\s])[\w.~+/=-]{6,}+"),
    # Tokens without a prefix of their own.
    (":aa", rf"(){START}\d{{8,10}}:AA[\w-]{{30,}}+"),
    ("q~", rf"(){START}[\w.~-]{{3}}\dQ~[\w.~-]{{31,}}+"),
    (".atlasv1.", rf"(){START}\w++\.atlasv1\.[\w-]++"),
    ("1//0", rf"(){START}1//0[\w-]{{20,}}+"),
    ("-us", rf"(){START}[0-9a-f]{{32}}-us\d{{1,2}}\b"),
    ("access-", rf"(){START}access-(?:production|sandbox|development)-[0-9a-f-]{{36}}"),
    ("access_token$", rf"(){START}access_token\$(?:production|sandbox)\$[\w$]++"),
    # Files and languages in which a name and its value are next to each other.
    ("identified ", rf"(?i:({START}identified\s++(?:with\s++\S++\s++)?by\s++\\?[\"']))[^\"'\\]++"),
    ("password '", rf"(?i:({START}password\s++\\?'))(?!\s)[^'\\\s]++"),
    ("password(", r"(?i:(password\(\s*+\\?'))[^'\\]++"),
    (
        " is ",
        r"(?i:((?:password|passphrase|token|secret|api key) is\s++[\"'`]?))(?=[A-Za-z]*+[0-9!#%^&*])[^\s\"'`]++",
    ),
    (":5432:", r"(:5432:[^\s:]++:[^\s:]++:)[^\s:]++"),
    ("jwt.", r"(jwt\.(?:sign|encode)\([^\n,]{1,200},\s*+\\*+[\"'])[^\"'\\\n]++"),
    ("pwd=", r"(?i:(;\s*+pwd=))[^;\"'\s]++"),
    ("mc alias set", rf"(mc alias set\s++\S++\s++\S++\s++\S++\s++){ARGUMENT}"),
    ("vault login", r"(vault login\s++)(?!-)[\w.-]{16,}+"),
    ("sqlplus", r"(sqlplus\s++\w++/)[^\s@/]++(?=@)"),
    ("impdp", r"(impdp\s++\w++/)[^\s@/]++(?=@)"),
    ("jdbc:oracle", r"(jdbc:oracle:\w++:[\w.-]++/)[^\s\"'@]{1,200}+(?=@)"),
    ("authtoken ", r"(authtoken\s++)(?![=:])[\w-]{16,}+"),
    ("mysqladmin", rf"(mysqladmin\s[^\n;|&]{{0,200}}?password\s++){ARGUMENT}"),
    ("rabbitmqctl", rf"(rabbitmqctl\s++(?:add_user|change_password|authenticate_user)\s++\S++\s++){ARGUMENT}"),
    (" /p", rf"(\s/p(?:ass(?:word)?)?:){ARGUMENT}"),
    (" password ", r"(login\s++\S++\s++password\s++)\S++"),
    ("chpasswd", r"(echo\s++[\"']?[\w.-]++:)[^\s\"'|$]++(?=[\"']?\s*+\|\s*+(?:sudo\s++)?chpasswd)"),
    ("requirepass", r"(requirepass\s++)(?![=:])\S++"),
    ("masterauth", r"(masterauth\s++)(?![=:])\S++"),
    ("securestring", rf"(?i:({START}ConvertTo-SecureString\s++(?:-String\s++)?[\"']))[^\"']++"),
    (
        "auth",
        r"((?<![A-Za-z])_?auth\\*+[\"']?\s*+[:=]\s*+\\*+[\"']?)"
        r"(?=[A-Za-z+/]*+[0-9])[A-Za-z0-9+/]{16,}+={0,2}+(?![\w.(])",
    ),
)
ADDRESSES = (
    ("@", rf"(://[^\s:/@\"']*+:)(?!{REFERENCE})[^\s/\"']*(?=@)"),
    ("@", r"(://)[\w-]{20,}+(?=@)"),
    ("hooks.slack.com", r"(\bhooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]++"),
    ("/webhooks/", r"(\bdiscord(?:app)?\.com/api/(?:v\d++/)?webhooks/\d++/)[\w-]++"),
    ("webhook.office.com", r"(\bwebhook\.office\.com/webhookb2/)[^\s\"'<>]++"),
    ("/hooks/", r"(//[^\s/\"']++/hooks/)(?:catch/\d++/)?[\w/-]{16,}+"),
    ("hooks.zapier.com", r"(\bhooks\.zapier\.com/hooks/catch/)[\w/-]++"),
    ("maker.ifttt.com", r"(\bmaker\.ifttt\.com/\S{0,200}?/key/)[\w-]++"),
    ("/bot", r"(/bot)\d{6,}+:[\w-]{30,}+"),
    ("sig", r"(?i:([?&](?:sig|signature|x-amz-signature|x-goog-signature)=))[^\s&\"'<>]{16,}+"),
    ("key=", r"([?&]key=)[\w-]{20,}+"),
    ("code=", r"([?&]code=)[\w/=+%-]{20,}+"),
)
PROGRAMS = (
    (
        "-u",
        r"(?<!\S)((?:-u|--(?:proxy-)?user)(?:[ =]\s*+)?[\"']?(?!\d++:\d|(\w++):\2(?!\w))[^\s:\"'=/@]++:)"
        r"(?![$%]|//)[^\s\"']++",
    ),
    ("mysql", rf"(mysql\w{{0,9}}{OPTIONS}-p){ARGUMENT}"),
    ("mariadb", rf"(mariadb(?:-\w++)?{OPTIONS}-p){ARGUMENT}"),
    ("7z", rf"(7za?{OPTIONS}-p){ARGUMENT}"),
    ("login ", rf"(login{OPTIONS}-p[ =]?){ARGUMENT}"),
    ("mongo", rf"(mongo\w{{0,7}}{OPTIONS}-p[ =]?){ARGUMENT}"),
    ("sshpass", rf"(sshpass{OPTIONS}-p[ =]?){ARGUMENT}"),
    ("zip ", rf"(zip{OPTIONS}-P\s*+){ARGUMENT}"),
    ("sqlcmd", rf"(sqlcmd{OPTIONS}-P\s*+){ARGUMENT}"),
    ("redis-cli", rf"(redis-cli{OPTIONS}-a\s++){ARGUMENT}"),
    ("ldap", rf"(ldap\w{{1,12}}{OPTIONS}-w[ =]?){ARGUMENT}"),
    ("curl ", rf"(curl{OPTIONS}-b\s++[\"']?[\w.-]++=)[^\s\"'$]++"),
    ("htpasswd", rf"(htpasswd\s++-\w*b\w*\s++\S++\s++\S++\s++){ARGUMENT}"),
    ("sudo -s", r"(echo\s++[\"']?)[^\s\"'|$]++(?=[\"']?\s*+\|\s*+sudo\s++-S)"),
    ("--password-stdin", PIPED),
    ("--with-token", PIPED),
    ("ssh-keygen", rf"(ssh-keygen{OPTIONS}-N\s*+){ARGUMENT}"),
    ("bcp ", rf"(bcp{OPTIONS}-P\s*+){ARGUMENT}"),
    ("twine", rf"(twine{OPTIONS}-p[ =]?){ARGUMENT}"),
    ("cqlsh", rf"(cqlsh{OPTIONS}-p[ =]?){ARGUMENT}"),
    ("mosquitto", rf"(mosquitto_\w{{1,5}}{OPTIONS}-P\s*+){ARGUMENT}"),
    ("ipmitool", rf"(ipmitool{OPTIONS}-P\s*+){ARGUMENT}"),
    ("http ", rf"({START}http{OPTIONS}-a\s++[\"']?[\w.@-]++:)[^\s\"'$]++"),
    ("smbclient", rf"(smbclient{OPTIONS}-U\s*+[\"']?[\w.\\-]++%)[^\s\"'$]++"),
    ("lftp", rf"(lftp{OPTIONS}-u\s*+[\"']?[\w.@-]++,)[^\s\"'$]++"),
    ("from-literal", rf"(--from-literal[= ][\"']?[\w.-]++=){ARGUMENT}"),
    ("pass:", r"(-pass(?:in|out)?\s++pass:)[^\s\"']++"),
)


# By what all contexts of a group need.
GROUPS = (("", ANYWHERE), ("//", ADDRESSES), (" -", PROGRAMS))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled when it is needed first: most never are."""
    return re.compile(pattern, re.ASCII)


def possible_contexts(text: str) -> Iterator[re.Pattern[str]]:
    """The patterns that may match in a text."""
    lower = text.lower()
    for shared, contexts in GROUPS:
        if shared in lower:
            for needs, pattern in contexts:
                if needs in lower:
                    yield _compiled(pattern)
