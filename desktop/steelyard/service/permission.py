"""May this model be used, and if not, which rule of policy says so? Asked before every load and approval, and
by whoever only wants to know."""

from __future__ import annotations

from importlib import metadata

from steelyard.evals.records import RowVerdict, RunRecord
from steelyard.intake.admission import missing_facts
from steelyard.policy.errors import GateNeeded, ModelNotAllowed, NotAnApprover
from steelyard.policy.models import Objection, check_allowed, objections, whom_to_ask
from steelyard.policy.settings import Settings
from steelyard.service.candidates import candidate_of
from steelyard.service.operation import Context
from steelyard.store.records import Model

GATE_SUITE = "fast-gate"
_PACKAGES = {"gguf": "llama-cpp-python", "safetensors": "transformers"}


def against_use(
    context: Context, model: Model, settings: Settings | None = None
) -> tuple[Objection, ...]:
    """Every rule that stands against using a model now; none: it may be used.

    Args:
        settings: those to judge by; the ones in force when None.
    """
    settings = settings or context.installation.settings
    rules = objections(settings, candidate_of(model.manifest))
    return (*rules, *_still_lacking(context, model, settings))


def _still_lacking(context: Context, model: Model, settings: Settings) -> tuple[Objection, ...]:
    """What a model that no rule is against must have besides: trust facts and a passed gate."""
    needed = settings.get("load.required")
    missing = missing_facts(model.trust, frozenset(settings.items("load.required")))
    found = [Objection("load.required", needed.origin, f"it lacks: {fact}") for fact in missing]
    if reason := _lacks_gate(context, model, settings):
        found.append(Objection("load.gate", settings.get("load.gate").origin, reason))
    return tuple(found)


def check_use(context: Context, model: Model, *, evaluating: bool) -> None:
    """Raise unless policy lets a model be used.

    Args:
        evaluating: the use is an evaluation, which needs no gate, since it may be the gate itself.

    Raises:
        ModelNotAllowed: a rule about models, or a trust fact it lacks.
        GateNeeded: the gate was not passed with these files, this engine and this template.
    """
    settings = context.installation.settings
    candidate = candidate_of(model.manifest)
    check_allowed(settings, candidate)
    for each in _still_lacking(context, model, settings):
        if each.key == "load.gate" and evaluating:
            continue
        kind = GateNeeded if each.key == "load.gate" else ModelNotAllowed
        raise kind(
            f"{model.name} may not be used yet: {each.reason} ({each.key}, {each.origin}).",
            next_step=(
                f"Run steelyard eval gate {model.name}."
                if each.key == "load.gate"
                else whom_to_ask(settings)
            ),
            key=each.key,
            origin=each.origin,
            model=model.name,
            objections=[each.reason],
        )


def check_approver(context: Context, reason: str) -> None:
    """Raise unless this account may approve, with this reason.

    Raises:
        NotAnApprover: it is not on the list, or a reason is needed and none was given.
    """
    settings = context.installation.settings
    accounts = settings.items("approval.accounts")
    if accounts and context.actor.casefold() not in {each.casefold() for each in accounts}:
        raise NotAnApprover(
            f"{context.actor} is not among the accounts that may approve (approval.accounts, "
            f"{settings.get('approval.accounts').origin}).",
            next_step=whom_to_ask(settings),
            key="approval.accounts",
            origin=settings.get("approval.accounts").origin,
        )
    if settings.switch("approval.reason-required") and not reason.strip():
        raise NotAnApprover(
            "An approval needs a reason here (approval.reason-required, "
            f"{settings.get('approval.reason-required').origin}).",
            next_step="Give one with --reason.",
            key="approval.reason-required",
            origin=settings.get("approval.reason-required").origin,
        )


def _lacks_gate(context: Context, model: Model, settings: Settings) -> str:
    if settings.text("load.gate") == "none":
        return ""
    runs = context.installation.runs.list(suite=GATE_SUITE, model_digest=model.digest)
    # A run that a bundle brought is its sender's word.
    newest = next((run for run in runs if run.status == "done" and not run.origin), None)
    if newest is None:
        return "the fast gate was never finished on these files"
    if newest.verdict in (RowVerdict.FAIL, RowVerdict.NOT_RUN):
        return f"its newest gate ended with {newest.verdict.value}"
    return _engine_changed(model, newest)


def _engine_changed(model: Model, run: RunRecord) -> str:
    """Files and template are in the model's digest; the engine is not."""
    package = _PACKAGES[model.manifest.format]
    try:
        installed = metadata.version(package)
    except metadata.PackageNotFoundError:
        return f"{package} is not installed"
    tested = str(run.engine.get("version", ""))
    # Engines name their version with or without their own name before it.
    if installed not in tested.split():
        return f"its gate was run with {package} {tested}, and {installed} is installed"
    return ""
