"""The forms of credentials, as data: prefix, alphabet, length, and what validates them.

Facts of the providers' public documentation of their token formats, of GitHub's list of supported
secret-scanning patterns, and of the formats' own specifications; as of 2026-11.

A pattern is tried only where one of its ``anchors`` stands, from ``before`` bytes ahead of it, so a
file without anchors costs one pass. Each expression is bounded in every repetition. The secret is
group ``s``, or the whole match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from weighbridge.collect import secret_checks as checks
from weighbridge.collect.secret_checks import Check


@dataclass(frozen=True, slots=True)
class Pattern:
    """One form of credential.

    ``fold``: anchors are lower case and met in any case. ``shown``: how many first characters of
    the value a report may show. ``token``: it begins with what only this provider uses, so it is
    looked for in every text; the others need words around them, and are left out where texts are
    full of random strings. ``examples``: whether values that look like placeholders are passed
    over. ``config``: only in configuration files, where values need no quotes.
    """

    id: str
    provider: str
    title: str
    severity: str
    anchors: tuple[bytes, ...]
    expression: re.Pattern[bytes]
    check: Check = checks.length
    before: int = 0
    fold: bool = False
    token: bool = True
    shown: int = 4
    examples: bool = True
    config: bool = False


def _token(
    id_: str, provider: str, title: str, severity: str, anchors: str, expression: str,
    check: Check = checks.length, before: int = 0,
) -> Pattern:  # fmt: skip
    return Pattern(
        id_, provider, title, severity, tuple(anchors.encode().split()),
        re.compile(expression.encode()), check, before,
    )  # fmt: skip


def _near(
    id_: str, provider: str, title: str, severity: str, anchors: str, expression: str,
    check: Check, shown: int = 4, config: bool = False,
) -> Pattern:  # fmt: skip
    return Pattern(
        id_, provider, title, severity, tuple(anchors.encode().split()),
        re.compile(expression.encode(), re.I), check,
        fold=True, token=False, shown=shown, config=config,
    )  # fmt: skip


# Between a name and its value: at most a line end, quotes, brackets and one sign of assignment.
_GAP = r"[\w.\-]{0,20}[\"'`\])]{0,3}[\s:=>(,]{1,12}[\"'`(]{0,3}"
_KEY = r"(?:[\w.\-]{0,20}(?:key|token|login|password|secret)|\.ai\s+login\s+\w{1,20}\s+password)"
_HEX40 = r"(?P<s>[0-9a-f]{40})(?![\w/+])"

TOKENS: tuple[Pattern, ...] = (
    _token("github-token", "GitHub", "a GitHub token", "critical", "ghp_ gho_ ghu_ ghs_ ghr_",
           r"gh[pousr]_[A-Za-z0-9]{36}", checks.crc_base62),
    _token("github-fine-grained-token", "GitHub", "a fine-grained GitHub token", "critical",
           "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _token("npm-token", "npm", "an npm token", "critical", "npm_",
           r"npm_[A-Za-z0-9]{36}", checks.crc_base62),
    _token("pypi-token", "PyPI", "an upload token of a Python package index", "critical",
           "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{60,1000}", checks.macaroon),
    _token("hugging-face-token", "Hugging Face", "a Hugging Face token", "critical", "hf_",
           r"hf_[A-Za-z0-9]{34}"),
    _token("hugging-face-organization-token", "Hugging Face",
           "a token of a Hugging Face organization", "critical", "api_org_",
           r"api_org_[A-Za-z0-9]{34}"),
    _token("anthropic-key", "Anthropic", "an Anthropic API key", "high", "sk-ant-",
           r"sk-ant-(?:api|admin|oat|ort|sid)\d{2}-[A-Za-z0-9_-]{80,120}"),
    _token("openai-key", "OpenAI", "an OpenAI API key", "high", "T3BlbkFJ",
           r"sk-(?:[a-z]{2,10}-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}",
           checks.structure, before=130),
    _token("openai-project-key", "OpenAI", "an OpenAI API key", "high",
           "sk-proj- sk-svcacct- sk-admin-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}"),
    _token("openrouter-key", "OpenRouter", "an OpenRouter API key", "high", "sk-or-v1-",
           r"sk-or-v1-[0-9a-f]{64}"),
    _token("openai-legacy-key", "OpenAI", "an API key of OpenAI's older form", "high", "sk-",
           r"sk-[A-Za-z0-9]{48}"),
    _token("groq-key", "Groq", "a Groq API key", "high", "gsk_", r"gsk_[A-Za-z0-9]{52}"),
    _token("xai-key", "xAI", "an xAI API key", "high", "xai-", r"xai-[A-Za-z0-9]{80}"),
    _token("perplexity-key", "Perplexity", "a Perplexity API key", "high", "pplx-",
           r"pplx-[A-Za-z0-9]{48}"),
    _token("nvidia-key", "NVIDIA", "an NVIDIA API key", "high", "nvapi-",
           r"nvapi-[A-Za-z0-9_-]{64}"),
    _token("langsmith-key", "LangSmith", "a LangSmith API key", "high", "lsv2_",
           r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _token("replicate-token", "Replicate", "a Replicate API token", "high", "r8_",
           r"r8_[A-Za-z0-9]{37}"),
    _token("wandb-key", "Weights & Biases", "a Weights & Biases API key", "high", "wandb_v1_",
           r"wandb_v1_[A-Za-z0-9_-]{60,90}"),
    _token("aws-access-key", "AWS", "an AWS access key's id", "high", "AKIA ASIA",
           r"A[KS]IA[A-Z2-7]{16}", checks.length),
    _token("google-api-key", "Google", "a Google API key", "high", "AIza",
           r"AIza[A-Za-z0-9_-]{35}"),
    _token("google-oauth-secret", "Google", "a Google OAuth client secret", "high", "GOCSPX-",
           r"GOCSPX-[A-Za-z0-9_-]{28}"),
    _token("azure-storage-key", "Azure", "an Azure account's key", "critical",
           "AccountKey= SharedAccessKey=",
           r"(?:AccountKey|SharedAccessKey)=(?P<s>[A-Za-z0-9+/]{42,86}={1,2})",
           checks.azure_key),
    _token("azure-sas", "Azure", "the signature of an Azure shared access address", "high", "sig=",
           r"sig=(?P<s>[A-Za-z0-9]{1,50}(?:(?:%[0-9A-Fa-f]{2}|[+/])[A-Za-z0-9]{0,50}){0,30}"
           r"(?:%3[Dd]|=))(?=[^A-Za-z0-9]|\Z)", checks.high_entropy),
    _token("slack-token", "Slack", "a Slack token", "high", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe-",
           r"xox[abprse]-(?:\d-)?[0-9]{8,14}-[A-Za-z0-9-]{20,120}"),
    _token("slack-webhook", "Slack", "the address of a Slack webhook", "high",
           "hooks.slack.com/services/", r"hooks\.slack\.com/services/"
           r"(?P<s>T[A-Z0-9]{7,14}/B[A-Z0-9]{7,14}/[A-Za-z0-9]{22,26})", checks.structure),
    _token("stripe-key", "Stripe", "a Stripe live key", "critical", "sk_live_ rk_live_",
           r"[sr]k_live_[A-Za-z0-9]{24,247}"),
    _token("gitlab-token", "GitLab", "a GitLab token", "critical",
           "glpat- gldt- glrt- glptt- glcbt- gloas- glagent-",
           r"gl(?:pat|dt|rt|ptt|cbt|oas|agent)-"
           r"(?:[A-Za-z0-9_-]{20,300}\.[0-9a-z]{2}\.?[0-9a-z]{7,9}|[A-Za-z0-9_-]{20,64})"),
    _token("twilio-key", "Twilio", "a Twilio API key", "high", "SK", r"SK[0-9a-f]{32}"),
    _token("sendgrid-key", "SendGrid", "a SendGrid API key", "high", "SG.",
           r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", checks.structure),
    _token("telegram-token", "Telegram", "a Telegram bot's token", "high", ":AA",
           r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", before=10),
    _token("discord-webhook", "Discord", "the address of a Discord webhook", "high",
           "/api/webhooks/", r"/api/webhooks/(?P<s>[0-9]{17,20}/[A-Za-z0-9_-]{60,72})",
           checks.structure),
    _token("databricks-token", "Databricks", "a Databricks token", "high", "dapi",
           r"dapi[0-9a-f]{32}(?:-[0-9])?"),
    _token("digitalocean-token", "DigitalOcean", "a DigitalOcean token", "high",
           "dop_v1_ doo_v1_ dor_v1_", r"do[por]_v1_[0-9a-f]{64}"),
    _token("cloudflare-token", "Cloudflare", "a Cloudflare token", "high", "cfut_ cfat_ cfk_",
           r"cf(?:ut|at|k)_[A-Za-z0-9_-]{40}[0-9a-f]{8}"),
    _token("cloudflare-origin-key", "Cloudflare", "a Cloudflare origin CA key", "high", "v1.0-",
           r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}", checks.structure),
    _token("vault-token", "Vault", "a Vault token", "critical", "hvs. hvb. hvr.",
           r"hv[sbr]\.[A-Za-z0-9_-]{24,300}"),
    _token("pulumi-token", "Pulumi", "a Pulumi access token", "high", "pul-",
           r"pul-[0-9a-f]{40}"),
    _token("terraform-cloud-token", "Terraform", "a Terraform Cloud token", "high", ".atlasv1.",
           r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}", checks.structure, before=14),
    _token("shopify-token", "Shopify", "a Shopify token", "high", "shpat_ shpca_ shppa_ shpss_",
           r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("square-token", "Square", "a Square token", "high", "sq0atp- sq0csp-",
           r"sq0(?:atp-[A-Za-z0-9_-]{22}|csp-[A-Za-z0-9_-]{43})"),
    _token("postman-key", "Postman", "a Postman API key", "high", "PMAK-",
           r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", checks.structure),
    _token("linear-key", "Linear", "a Linear API key", "high", "lin_api_",
           r"lin_api_[A-Za-z0-9]{40}"),
    _token("docker-token", "Docker", "a Docker Hub token", "critical", "dckr_pat_",
           r"dckr_pat_[A-Za-z0-9_-]{27}"),
    _token("grafana-token", "Grafana", "a Grafana service token", "high", "glsa_",
           r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}", checks.structure),
    _token("age-key", "age", "a secret key of age", "critical", "AGE-SECRET-KEY-1",
           r"AGE-SECRET-KEY-1[A-Z0-9]{58}", checks.bech32),
    _token("json-web-token", "JWT", "a signed JSON Web Token", "low", "eyJ",
           r"eyJ[A-Za-z0-9_-]{10,2000}+\.eyJ[A-Za-z0-9_-]{10,4000}+\.[A-Za-z0-9_-]{20,1000}",
           checks.jwt),
    Pattern("google-service-account", "Google", "the private key of a Google service account",
            "critical", (b'"private_key"',),
            re.compile(rb'"private_key"\s{0,4}:\s{0,4}"-----BEGIN PRIVATE KEY-----'
                       rb"(?P<s>[A-Za-z0-9+/=\\\s]{64,8000})-----END"),
            checks.pem, shown=0, examples=False),
    Pattern("encrypted-private-key", "private key", "a private key under a passphrase", "medium",
            (b"-----BEGIN ENCRYPTED PRIVATE KEY",),
            re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----"
                       rb"(?P<s>[A-Za-z0-9+/=\\\s]{64,32000}+)"),
            checks.pem, shown=0, examples=False),
    Pattern("private-key", "private key", "a private key", "critical", (b"-----BEGIN ",),
            re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"
                       rb"(?P<s>\s{0,4}(?:Proc-Type: 4,ENCRYPTED\s{1,4}DEK-Info: [A-Z0-9-]{1,30},"
                       rb"[0-9A-Fa-f]{1,64})?[A-Za-z0-9+/=\\\s]{64,32000}+)"),
            checks.pem, shown=0, examples=False),
)  # fmt: skip

NEAR: tuple[Pattern, ...] = (
    _near("aws-secret-key", "AWS", "an AWS secret access key", "critical",
          "secret_access_key secretaccesskey aws_secret secret-access-key",
          r"(?:aws_?secret|secret[_-]?access[_-]?key)" + _GAP +
          r"(?P<s>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", checks.high_entropy),
    _near("wandb-key", "Weights & Biases", "a Weights & Biases API key", "high", "wandb",
          r"wandb" + _KEY + _GAP + _HEX40, checks.hexadecimal),
    _near("wandb-key", "Weights & Biases", "a Weights & Biases API key", "high", "wandb",
          r"wandb(?:\.ai)?[\s\w.]{0,60}\b(?:login|password)\s{1,8}(?:--relogin\s)?" + _HEX40,
          checks.hexadecimal),
    _near("cohere-key", "Cohere", "a Cohere API key", "high", "cohere co_api_key",
          r"(?:cohere" + _KEY + r"|cohere\.client|co_api_key)" + _GAP +
          r"(?P<s>[A-Za-z0-9]{40})(?!\w)", checks.high_entropy),
    _near("mailgun-key", "Mailgun", "a Mailgun API key", "high", "mailgun mg_api",
          r"(?:mailgun|mg_api)[^\n]{0,80}?(?P<s>key-[0-9a-f]{32})(?![\w-])", checks.hexadecimal),
    _near("cloudflare-key", "Cloudflare", "a Cloudflare API token", "high", "cloudflare cf_api",
          r"(?:cloudflare|cf_api)[\w.\-]{0,20}" + _GAP +
          r"(?P<s>[A-Za-z0-9_-]{40}|[0-9a-f]{37})(?![\w-])", checks.high_entropy),
    _near("discord-token", "Discord", "a Discord bot's token", "high", "discord bot.run client.run",
          r"(?:discord[\w.\-]{0,20}|bot\.run|client\.run)" + _GAP +
          r"(?P<s>[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38})(?![\w-])", checks.snowflake),
    _near("address-password", "password", "a password in an address", "high", "://",
          r"://[^\s:/@\"'<>\\]{0,64}:(?P<s>[^\s:/@\"'<>\\]{8,128})@[a-z0-9\[]",
          checks.in_address, shown=0),
    _near("assigned-secret", "password", "what looks like a password or key, written out",
          "medium",
          "password passwd passphrase secret api_key apikey api-key access_key accesskey authtoken "
          "auth_token access_token accesstoken auth-token access-token private_key client_secret",
          r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|(?:auth|access)[_-]?"
          r"token|private_key|client_secret)(?P<rest>[\w.\-]{0,30})[\"'`\]]{0,2}\s{0,4}"
          r"(?::=|[:=]>?|,)\s{0,4}[rbuf]{0,2}[\"'](?P<s>[^\"'\s\\]{10,200})[\"']",
          checks.chosen, shown=0),
    _near("assigned-secret", "password", "what looks like a password or key, written out",
          "medium",
          "password passwd passphrase secret api_key apikey access_key auth_token access_token "
          "private_key client_secret",
          r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|(?:auth|access)[_-]?"
          r"token|private_key|client_secret)(?P<rest>[\w.\-]{0,30})[ \t]{0,4}[:= ][ \t]{0,4}"
          r"(?P<s>[^\"'\s,;#\\]{10,200})(?=[ \t]{0,8}(?:[\r\n#]|\Z))",
          checks.chosen, shown=0, config=True),
)  # fmt: skip
