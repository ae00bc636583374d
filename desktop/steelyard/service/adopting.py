"""Models that lie in other programs' folders: finding them, and taking one in."""

from __future__ import annotations

from steelyard.service.models import taken_of
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    AdoptModel,
    FindModels,
    FoundModel,
    ModelsFound,
    ModelTaken,
)


@operation("model.find", summary="Look for models in other programs' folders, or in one folder")
def find_models(context: Context, request: FindModels) -> ModelsFound:
    """Names, sizes and the first bytes only; nothing is taken in."""
    from steelyard.intake.adopting import weigh  # noqa: PLC0415  # only when asked
    from steelyard.intake.elsewhere.finding import find  # noqa: PLC0415  # as above

    store = context.installation.store
    found = find(request.folder)
    weighed = [weigh(store, model) for model in found.models]
    return ModelsFound(
        tuple(
            FoundModel(
                path=str(each.model.path),
                title=each.model.title,
                origin=each.model.origin.value,
                format=each.model.format,
                size_bytes=each.model.size_bytes,
                linkable=each.linkable,
                known=each.known,
            )
            for each in weighed
        ),
        tuple(str(place) for place in found.looked_in),
        found.complete,
    )


@operation(
    "model.adopt",
    summary="Take in a model from another program's folder",
    mutates=True,
    audited=("path", "name", "link"),
)
def adopt_model(context: Context, request: AdoptModel) -> ModelTaken:
    """By hard link or copy; hashed, judged in a worker, admitted by policy like every other.

    Raises:
        CheckFailed: a file is not what its own name there says, or the scan found what is not let in.
        NotFound, UsageError, MalformedInput, OutOfResources, Cancelled: as for an import.
    """
    from steelyard.intake.adopting import adopt  # noqa: PLC0415  # only when needed

    taken = adopt(
        context.installation.store,
        request.path,
        name=request.name,
        link=request.link,
        required=frozenset(context.installation.settings.items("admission.required")),
        report=context.report,
    )
    context.facts["linked"] = taken.linked
    context.facts["left_out"] = list(taken.left_out)
    return taken_of(context, taken.model, taken.bytes_fetched, taken.bytes_reused)
