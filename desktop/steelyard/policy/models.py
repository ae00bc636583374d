"""What policy says of one model: each rule that stands against it, with the key that holds the rule, where that
came from, and whom to ask. The same answer is given before a model comes in, when it is loaded, and to
someone who only wants to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from steelyard.policy.errors import ModelNotAllowed
from steelyard.policy.settings import Settings

UNKNOWN_LICENSE = "unknown"
"""How the license lists name a model whose license is not known."""


@dataclass(frozen=True)
class Candidate:
    """What the rules look at.

    Attributes:
        digests: the model's own digest and those of its files, `sha256:<hex>` each.
        license_id: as recognised here, or None: not known.
        publisher: as the model's source names it; empty: not known.
    """

    name: str
    digests: frozenset[str]
    format: str
    license_id: str | None
    publisher: str


@dataclass(frozen=True)
class Objection:
    """One rule that stands against a model.

    Attributes:
        key: the setting that holds the rule.
        origin: where its value comes from, such as `managed: FILE`.
        reason: a sentence.
    """

    key: str
    origin: str
    reason: str


def objections(settings: Settings, candidate: Candidate) -> tuple[Objection, ...]:
    """Every rule in force that stands against a model; none: it is allowed."""
    found = []
    for key, judge in _RULES.items():
        value = settings.get(key)
        reason = judge(candidate, tuple(settings.items(key)))
        if reason:
            found.append(Objection(key, value.origin, reason))
    return tuple(found)


def check_allowed(settings: Settings, candidate: Candidate) -> None:
    """Raise unless policy has nothing against a model.

    Raises:
        ModelNotAllowed: naming the first rule, where it stands and whom to ask; facts hold them all.
    """
    against = objections(settings, candidate)
    if against:
        first = against[0]
        raise ModelNotAllowed(
            f"{candidate.name} is not allowed here: {first.reason} ({first.key}, {first.origin}).",
            next_step=whom_to_ask(settings),
            key=first.key,
            origin=first.origin,
            model=candidate.name,
            objections=[f"{each.key}: {each.reason}" for each in against],
        )


def whom_to_ask(settings: Settings) -> str:
    """The last sentence of a refusal."""
    contact = settings.text("policy.contact")
    return f"Ask {contact}." if contact else "Ask whoever manages this machine."


def _fold(name: str) -> str:
    return name.strip().casefold()


def _among(name: str, names: tuple[str, ...]) -> bool:
    return _fold(name) in {_fold(each) for each in names}


def _license(candidate: Candidate) -> str:
    return candidate.license_id or UNKNOWN_LICENSE


def _allowed_license(candidate: Candidate, allowed: tuple[str, ...]) -> str:
    if not allowed or _among(_license(candidate), allowed):
        return ""
    return f"its license ({_license(candidate)}) is not among the allowed ones"


def _denied_license(candidate: Candidate, denied: tuple[str, ...]) -> str:
    return (
        f"its license ({_license(candidate)}) is denied"
        if _among(_license(candidate), denied)
        else ""
    )


def _allowed_publisher(candidate: Candidate, allowed: tuple[str, ...]) -> str:
    if not allowed or _among(candidate.publisher, allowed):
        return ""
    return f"its publisher ({candidate.publisher or 'not known'}) is not among the allowed ones"


def _denied_publisher(candidate: Candidate, denied: tuple[str, ...]) -> str:
    named = bool(candidate.publisher) and _among(candidate.publisher, denied)
    return f"its publisher ({candidate.publisher}) is denied" if named else ""


def _denied_digest(candidate: Candidate, denied: tuple[str, ...]) -> str:
    # With or without the prefix, in either case: a list that is pasted from elsewhere must still hold.
    names = {
        each if each.startswith("sha256:") else f"sha256:{each}" for each in map(_fold, denied)
    }
    hit = sorted(names & candidate.digests)
    return f"the digest {hit[0]} is denied" if hit else ""


def _allowed_format(candidate: Candidate, allowed: tuple[str, ...]) -> str:
    return "" if candidate.format in allowed else f"the format {candidate.format} is not allowed"


_RULES: dict[str, Callable[[Candidate, tuple[str, ...]], str]] = {
    "models.denied-digests": _denied_digest,
    "models.denied-licenses": _denied_license,
    "models.allowed-licenses": _allowed_license,
    "models.denied-publishers": _denied_publisher,
    "models.allowed-publishers": _allowed_publisher,
    "models.allowed-formats": _allowed_format,
}
