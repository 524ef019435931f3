"""Tokens of services, put together from their parts, so that no scanner takes this file for a leak."""

from __future__ import annotations

import random
import string

ALNUM, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits


def part(length: int, characters: str = ALNUM) -> str:
    """A part of a token: always the same characters, the last of which are a letter and a digit."""
    letter = "A" if characters == UPPER else "a"
    return "".join(random.Random(length).choices(characters, k=length - 2)) + letter + "7"


def number(length: int) -> str:
    """A number of so many digits."""
    return "".join(random.Random(length).choices("123456789", k=length))


# By service; each is tried alone, in a sentence, in a command and in JSON.
TOKENS = {
    "1Password": "ops_" + "eyJ" + part(80),
    "age": "AGE-SECRET-" + "KEY-1" + part(58, UPPER),
    "Airtable": "pat" + part(14) + "." + part(64, HEX),
    "Alibaba": "LTAI" + part(20),
    "Anthropic": "sk-ant-" + "api03-" + part(93) + "-" + part(8) + "AA",
    "Anthropic OAuth": "sk-ant-" + "oat01-" + part(95),
    "Artifactory": "AKCp" + part(69),
    "Atlassian": "ATATT" + "3xFfGF0" + part(180) + "=" + part(8, UPPER),
    "AWS": "AKIA" + part(16, UPPER),
    "AWS STS": "ASIA" + part(16, UPPER),
    "Azure AD": part(3) + "8Q~" + part(34),
    "Bedrock": "ABSK" + part(110),
    "Bitbucket": "ATBB" + part(32),
    "Brevo": "xkeysib-" + part(64, HEX) + "-" + part(16),
    "Buildkite": "bkua_" + part(40, HEX),
    "Cerebras": "csk-" + part(48),
    "CircleCI": "CCIPAT_" + part(22) + "_" + part(40, HEX),
    "Clojars": "CLOJARS_" + part(60, HEX),
    "Contentful": "CFPAT-" + part(43),
    "crates.io": "cio" + part(32),
    "Databricks": "dapi" + part(32, HEX),
    "DigitalOcean": "dop_v1_" + part(64, HEX),
    "DigitalOcean OAuth": "doo_v1_" + part(64, HEX),
    "Discord bot": "MTA" + part(21) + "." + part(6) + "." + part(38),
    "Docker": "dckr_pat_" + part(27),
    "Doppler": "dp.pt." + part(43),
    "Dynatrace": "dt0c01." + part(24, UPPER) + "." + part(64, UPPER),
    "Figma": "figd_" + part(40),
    "Firecrawl": "fc-" + part(32, HEX),
    "Flutterwave": "FLWSECK-" + part(32, HEX) + "-X",
    "Fly.io": "fm2_" + part(100),
    "GitHub": "ghp_" + part(36),
    "GitHub app": "ghs_" + part(36),
    "GitHub fine-grained": "github_pat_" + part(22) + "_" + part(59),
    "GitHub OAuth": "gho_" + part(36),
    "GitLab": "glpat-" + part(20),
    "GitLab deploy": "gldt-" + part(20),
    "GitLab runner": "glrt-" + part(20),
    "Google API": "AIza" + part(35),
    "Google OAuth": "ya29." + part(120),
    "Google OAuth secret": "GOCSPX-" + part(28),
    "Google refresh": "1//0" + part(60),
    "Grafana": "glsa_" + part(32) + "_" + part(8, HEX),
    "Groq": "gsk_" + part(52),
    "Heroku": "HRKU-" + part(60),
    "Hugging Face": "hf_" + part(34),
    "HubSpot": "pat-na1-" + part(8, HEX) + "-" + part(4, HEX) + "-" + part(12, HEX),
    "JSON Web Token": "eyJ" + part(33) + ".eyJ" + part(60) + "." + part(43),
    "LangSmith": "lsv2_pt_" + part(32, HEX) + "_" + part(10, HEX),
    "Linear": "lin_api_" + part(40),
    "Mailchimp": part(32, HEX) + "-us12",
    "Mailgun": "key-" + part(32, HEX),
    "Mapbox": "sk.eyJ" + part(60) + "." + part(22),
    "Neon": "napi_" + part(64),
    "Netlify": "nfp_" + part(36),
    "New Relic": "NRAK-" + part(27, UPPER),
    "Notion": "ntn_" + part(46),
    "Notion before 2024": "secret_" + part(43),
    "npm": "npm_" + part(36),
    "NuGet": "oy2" + part(43, string.ascii_lowercase + string.digits),
    "NVIDIA": "nvapi-" + part(64),
    "OpenAI": "sk-" + part(48),
    "OpenAI project": "sk-proj-" + part(74) + "T3BlbkFJ" + part(74),
    "OpenAI service account": "sk-svcacct-" + part(60),
    "OpenRouter": "sk-or-v1-" + part(64, HEX),
    "Perplexity": "pplx-" + part(48),
    "Pinecone": "pcsk_" + part(6) + "_" + part(60),
    "Plaid": "access-production-" + "-".join(part(n, HEX) for n in (8, 4, 4, 4, 12)),
    "PlanetScale": "pscale_tkn_" + part(43),
    "Postman": "PMAK-" + part(24, HEX) + "-" + part(34, HEX),
    "Pulumi": "pul-" + part(40, HEX),
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + part(120),
    "Razorpay": "rzp_live_" + part(14),
    "Replicate": "r8_" + part(37),
    "Resend": "re_" + part(8) + "_" + part(24),
    "RubyGems": "rubygems_" + part(48, HEX),
    "SendGrid": "SG." + part(22) + "." + part(43),
    "Sentry": "sntrys_" + part(120),
    "Sentry user": "sntryu_" + part(64, HEX),
    "Shopify": "shpat_" + part(32, HEX),
    "Shopify secret": "shpss_" + part(32, HEX),
    "Slack app": "xapp-1-A" + part(10, UPPER) + "-" + number(11) + "-" + part(64, HEX),
    "Slack bot": "xoxb-" + number(10) + "-" + number(11) + "-" + part(24),
    "Slack user": "xoxp-" + number(10) + "-" + part(32, HEX),
    "SonarQube": "sqp_" + part(40, HEX),
    "Square": "sq0atp-" + part(22),
    "Stripe": "sk_live_" + part(24),
    "Stripe restricted": "rk_live_" + part(24),
    "Stripe webhook": "whsec_" + part(32),
    "Supabase": "sbp_" + part(40, HEX),
    "Tailscale": "tskey-auth-" + part(12) + "-" + part(32),
    "Tavily": "tvly-" + part(32),
    "Telegram": number(9) + ":AA" + part(33),
    "Terraform Cloud": part(14) + ".atlasv1." + part(60),
    "Twilio": "SK" + part(32, HEX),
    "Typeform": "tfp_" + part(44),
    "Vault": "hvs." + part(90),
    "Vault batch": "hvb." + part(120),
    "Vault before 1.10": "s." + part(24),
    "xAI": "xai-" + part(80),
}
