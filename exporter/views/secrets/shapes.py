"""Tokens that are recognized by their shape alone: a prefix, and what follows it.

The prefixes are those that the services document. A word is looked up by its first two characters, so a text takes
linear time, however many shapes there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

ALNUM, WORDS, DASHED, DOTTED = "[A-Za-z0-9]", r"\w", r"[\w-]", r"[\w.-]"
HEX, UPPER, BASE64 = "[0-9a-f]", "[0-9A-Z]", r"[\w+/=.-]"


def least(number: int, characters: str) -> str:
    """At least so many of these characters."""
    return f"{characters}{{{number},}}+"


# The service, its prefixes, and what follows them.
SHAPES = (
    ("1Password", "ops_eyJ", least(20, BASE64)),
    ("Adyen", "AQE", least(60, r"[\w+/=.-]")),
    ("age", "AGE-SECRET-KEY-1", least(20, UPPER)),
    ("Airtable", "pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{32,}+"),
    ("Alibaba", "LTAI", least(12, ALNUM)),
    ("Anthropic", "sk-ant-", least(8, DASHED)),
    ("Artifactory", "AKCp", least(40, ALNUM)),
    ("Asana", "ASANA_PAT_", least(16, ALNUM)),
    ("Atlassian", "ATATT3 ATCTT3", least(20, r"[\w=-]")),
    ("AWS", "AKIA ASIA ABIA ACCA", least(12, UPPER)),
    ("AWS Bedrock", "ABSK", least(60, BASE64)),
    ("Bitbucket", "ATBB", least(20, ALNUM)),
    ("Brevo", "xkeysib- xsmtpsib-", least(20, DASHED)),
    ("Buildkite", "bkua_", least(20, HEX)),
    ("Cerebras", "csk-", least(20, ALNUM)),
    ("CircleCI", "CCIPAT_ CCIPRJ_", least(16, WORDS)),
    ("Clojars", "CLOJARS_", least(20, HEX)),
    ("Cloudflare", "v1.0-", r"[0-9a-f]{20,}+-[0-9a-f]{20,}+"),
    ("Contentful", "CFPAT-", least(20, DASHED)),
    ("crates.io", "cio", least(32, ALNUM)),
    ("Databricks", "dapi", least(32, HEX)),
    ("Discord", "MD MT Mj Mz ND NT Nj Nz OD OT", r"[\w-]{20,27}+\.[\w-]{6}\.[\w-]{27,}+"),
    ("DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", least(20, HEX)),
    ("Docker", "dckr_pat_ dckr_oat_", least(16, DASHED)),
    ("Doppler", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", least(20, DOTTED)),
    ("Dynatrace", "dt0c01.", least(20, DOTTED)),
    ("E2B", "e2b_", least(20, HEX)),
    ("Facebook", "EAACEdEose0cBA", least(10, ALNUM)),
    ("Figma", "figd_ figo_", least(20, DASHED)),
    ("Firecrawl", "fc-", least(32, HEX)),
    ("Flutterwave", "FLWSECK-", least(16, DASHED)),
    ("Fly.io", "fo1_ fm1_ fm2_ fm1r_ fm1a_", least(20, BASE64)),
    ("GitHub", "ghp_ gho_ ghu_ ghs_ ghr_", least(16, ALNUM)),
    ("GitHub", "github_pat_", least(16, WORDS)),
    (
        "GitLab",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glimt- glagent- gloas- glffct- GR1348941",
        least(12, DOTTED),
    ),
    ("Google", "AIza", least(16, DASHED)),
    ("Google", "GOCSPX- ya29.", least(16, DOTTED)),
    ("Grafana", "glsa_ glc_eyJ eyJrIjoi", least(20, r"[\w=+/-]")),
    ("Groq", "gsk_", least(20, ALNUM)),
    ("Heroku", "HRKU-", least(20, DASHED)),
    ("Hugging Face", "hf_ api_org_", least(30, ALNUM)),
    ("HubSpot", "pat-na1- pat-na2- pat-eu1-", least(20, DASHED)),
    ("Jina", "jina_", least(20, ALNUM)),
    ("JSON Web Token", "eyJ", r"[\w-]{8,}+\.[\w-]++(?:\.[\w-]*+){0,3}+"),
    ("LangSmith", "lsv2_pt_ lsv2_sk_", least(20, WORDS)),
    ("Linear", "lin_api_ lin_oauth_", least(16, ALNUM)),
    ("Mailgun", "key-", least(32, HEX)),
    ("Mapbox", "sk.eyJ", least(20, DOTTED)),
    ("Neon", "napi_", least(20, ALNUM)),
    ("Netlify", "nfp_", least(20, ALNUM)),
    ("New Relic", "NRAK- NRJS- NRII- NRAL-", least(16, DASHED)),
    ("Notion", "ntn_", least(20, ALNUM)),
    ("Notion", "secret_", least(43, ALNUM)),
    ("npm", "npm_", least(30, ALNUM)),
    ("NuGet", "oy2", least(43, r"[a-z0-9]")),
    ("NVIDIA", "nvapi-", least(20, DASHED)),
    ("OpenAI", "sk-", least(20, ALNUM)),
    ("OpenAI and others", "sk-proj- sk-svcacct- sk-admin- sk-or- sk-lf- sk-live- sk-test-", least(8, DASHED)),
    ("Perplexity", "pplx-", least(20, ALNUM)),
    ("Pinecone", "pcsk_", least(20, WORDS)),
    ("PlanetScale", "pscale_tkn_ pscale_pw_ pscale_oauth_", least(16, DOTTED)),
    ("Postman", "PMAK-", least(20, DASHED)),
    ("Pulumi", "pul-", least(40, HEX)),
    ("PyPI", "pypi-Ag", least(16, DASHED)),
    ("Razorpay", "rzp_live_ rzp_test_", least(10, ALNUM)),
    ("Render", "rnd_", least(20, ALNUM)),
    ("Replicate", "r8_", least(20, ALNUM)),
    ("Resend", "re_", r"[A-Za-z0-9]{6,}+_(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{16,}+"),
    ("RubyGems", "rubygems_", least(20, HEX)),
    ("SendGrid", "SG.", r"[\w-]{16,}+\.[\w-]{16,}+"),
    ("Sentry", "sntrys_ sntryu_", least(20, BASE64)),
    ("Shopify", "shpat_ shpca_ shppa_ shpss_ shpua_", least(16, ALNUM)),
    (
        "Slack",
        "xoxa- xoxb- xoxe- xoxe.xoxb- xoxe.xoxp- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd- xapp- xwfp-",
        least(10, DASHED),
    ),
    ("SonarQube", "sqp_ squ_ sqa_", least(20, HEX)),
    ("Square", "sq0atp- sq0csp- EAAAE", least(20, DASHED)),
    ("Stripe and others", "sk_live_ sk_test_ rk_live_ rk_test_ pk_live_ pk_test_ whsec_", least(8, r"[\w+/=]")),
    ("Supabase", "sbp_ sb_secret_", least(20, WORDS)),
    ("Tailscale", "tskey-", least(16, DASHED)),
    ("Tavily", "tvly-", least(16, DASHED)),
    ("Together", "tgp_v1_", least(20, DASHED)),
    ("Twilio", "SK", least(32, HEX)),
    ("Typeform", "tfp_", least(20, DOTTED)),
    ("Vault", "hvs. hvb. hvr.", least(20, DASHED)),
    ("Vault before 1.10", "s.", r"(?=[A-Za-z]*+[0-9])[A-Za-z0-9]{24}(?![\w.(-])"),
    ("Voyage", "pa-", r"(?=[\w-]*?[A-Z])(?=[\w-]*?[0-9])[\w-]{40,}+"),
    ("xAI", "xai-", least(20, ALNUM)),
)
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{14,}+")


def _starts() -> dict[str, str]:
    """The patterns of shapes by the first two characters of their prefixes."""
    found: dict[str, list[str]] = defaultdict(list)
    for _, prefixes, body in SHAPES:
        for prefix in prefixes.split():
            found[prefix[:2]].append(re.escape(prefix) + body)
    return {start: "|".join(each) for start, each in found.items()}


STARTS = _starts()


@cache
def _shape(start: str) -> re.Pattern[str]:
    """The shapes with this start, compiled when they are needed first."""
    return re.compile(STARTS[start], re.ASCII)


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """The starts and ends of the tokens in a text, in order."""
    done = 0
    for word in WORD.finditer(text):
        start = word.start()
        if start > 0 and text[start - 1] == "\\" and text[start] in "nrt":
            start += 1  # after an escaped line break of JSON or source code
        prefix = text[start : start + 2]
        if prefix in STARTS and start >= done and (found := _shape(prefix).match(text, start)):
            done = found.end()
            yield found.span()
