"""Keys, tokens and passwords: the detectors of detect-secrets, asked line by line. They look at text only;
none of its checks against the services themselves is ever run, so nothing is sent anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from steelyard.privacy.records import Finding, Kind

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

_PLUGINS = (
    "artifactory.ArtifactoryDetector", "aws.AWSKeyDetector", "azure_storage_key.AzureStorageKeyDetector",
    "basic_auth.BasicAuthDetector", "discord.DiscordBotTokenDetector", "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector", "jwt.JwtTokenDetector", "keyword.KeywordDetector",
    "mailchimp.MailchimpDetector", "npm.NpmDetector", "openai.OpenAIDetector", "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector", "slack.SlackDetector", "square_oauth.SquareOAuthDetector",
    "stripe.StripeDetector", "telegram_token.TelegramBotTokenDetector", "twilio.TwilioKeyDetector",
)  # fmt: skip

_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.{0,20000}?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
)
_OURS = (
    # Of this program's own trade, or too new for the library.
    ("hub-token", re.compile(r"\bhf_[A-Za-z0-9]{20,}\b")),
    ("repository-token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|glpat-[\w-]{20,})\b")),
    ("api-key", re.compile(r"\bsk-[A-Za-z0-9_-]{20,}\b")),
    ("bearer", re.compile(r"(?i)\bbearer +[A-Za-z0-9._~+/-]{16,}=*")),
    ("jwt", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    (
        "password",
        re.compile(
            r"(?i)\b(?:password|passwort|passwd|kennwort|pwd|pin|secret|api[_ -]?key)\b\"?"
            r"(?: (?:is|ist|lautet))?\s*[:= ]\s*[\"']?(?P<value>[^\s\"',;]{6,})"
        ),
    ),
)


def find(text: str) -> Iterator[Finding]:
    """Every stretch that a detector takes for a secret."""
    for match in _BLOCK.finditer(text):
        yield Finding(Kind.SECRET, match.start(), match.end(), "private-key")
    for name, form in _OURS:
        for match in form.finditer(text):
            start, end = match.span("value") if "value" in form.groupindex else match.span()
            if name != "password" or any(c.isdigit() for c in text[start:end]):
                yield Finding(Kind.SECRET, start, end, name)
    position = 0
    for line in text.splitlines(keepends=True):
        for plugin in _plugins():
            for value in plugin.analyze_string(line):
                at = line.find(value) if isinstance(value, str) and value else -1
                if at >= 0:
                    start = position + at
                    yield Finding(Kind.SECRET, start, start + len(value), plugin.secret_type)
        position += len(line)


@cache
def _plugins() -> tuple[BasePlugin, ...]:
    made = []
    for path in _PLUGINS:
        module, name = path.split(".")
        made.append(getattr(import_module(f"detect_secrets.plugins.{module}"), name)())
    return tuple(made)
