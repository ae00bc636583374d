"""Policy before it is in force: check a file, ask about a model, and print what administrators start from."""

from __future__ import annotations

from pathlib import Path

from steelyard.base.errors import NotFound, UsageError
from steelyard.policy import documents
from steelyard.policy.settings import Settings
from steelyard.service.operation import Context, operation
from steelyard.service.permission import against_use
from steelyard.service.requests import (
    CheckPolicy,
    ModelVerdict,
    PolicyChange,
    PolicyChecked,
    PolicySimulated,
    PolicyWritten,
    SimulatePolicy,
    WritePolicy,
)
from steelyard.store.records import Model
from steelyard.store.states import IN_STORE

KINDS = {
    "template": documents.template,
    "json-schema": documents.json_schema,
    "admx": documents.admx,
    "adml": documents.adml,
    "page": documents.page,
}


@operation("policy.check", summary="Check a managed policy file before it is rolled out")
def check_policy(context: Context, request: CheckPolicy) -> PolicyChecked:
    """Judge a file as it would be judged in its place, and say what it would change here.

    Ownership and permissions are not judged: the file is not in its place yet.

    Raises:
        NotFound: there is no such file.
    """
    settings, problems = _settings_under(context, request.path)
    if problems:
        return PolicyChecked(False, problems, (), ())
    now = context.installation.settings
    changes = tuple(
        PolicyChange(new.key, now.get(new.key).value, new.value, new.locked)
        for new in settings.all()
        if new.origin.startswith("managed")
        and (new.value, new.locked) != (now.get(new.key).value, now.get(new.key).locked)
    )
    models = tuple(
        _verdict(context, model, settings)
        for model in context.installation.store.models()
        if model.state in IN_STORE
    )
    return PolicyChecked(True, (), changes, models)


@operation("policy.simulate", summary="Would this model be allowed?")
def simulate_policy(context: Context, request: SimulatePolicy) -> PolicySimulated:
    """Every rule that stands against a model, by the policy in force or by a file.

    Raises:
        NotFound: no such model or file.
        UsageError: the file would not be accepted.
    """
    model = context.installation.store.get(request.model)
    settings = context.installation.settings
    if request.file is not None:
        settings, problems = _settings_under(context, request.file)
        if problems:
            raise UsageError(problems[0], next_step="See steelyard policy check.")
    return PolicySimulated(_verdict(context, model, settings))


@operation("policy.template", summary="Print a policy template, schema or page")
def write_policy(context: Context, request: WritePolicy) -> PolicyWritten:
    """One of the documents made from the list of options.

    Raises:
        UsageError: no such kind.
    """
    if request.kind not in KINDS:
        raise UsageError(
            f"There is no document {request.kind!r}.",
            next_step=f"Choose one of {', '.join(KINDS)}.",
        )
    return PolicyWritten(request.kind, KINDS[request.kind]())


def _settings_under(context: Context, file: Path) -> tuple[Settings, tuple[str, ...]]:
    if not file.is_file():
        raise NotFound(
            f"There is no policy file at {file}.", next_step="Check the path.", path=str(file)
        )
    trial = Settings.load(context.installation.home, managed=file, guarded=False)
    return trial, trial.problems


def _verdict(context: Context, model: Model, then: Settings) -> ModelVerdict:
    now = not against_use(context, model)
    against = against_use(context, model, then)
    return ModelVerdict(
        model.name,
        model.digest,
        now and model.state in IN_STORE,
        not against and model.state in IN_STORE,
        tuple(f"{each.key}: {each.reason}" for each in against),
    )
