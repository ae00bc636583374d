"""What a license says: of a model, of a known license, of a text."""

from __future__ import annotations

from steelyard.base.errors import NotFound
from steelyard.licenses.records import LicenseSummary
from steelyard.service.operation import Context, operation
from steelyard.service.requests import (
    ExplainLicense,
    IdentifyLicense,
    LicenseAnswers,
    LicenseIdentified,
    ShowLicense,
)


@operation("license.show", summary="What a model's license says, with clauses")
def show_license(context: Context, request: ShowLicense) -> LicenseAnswers:
    """The answers of the license that counts, and all three witnesses.

    Raises:
        NotFound: the store has no such model.
    """
    from steelyard.licenses import library  # noqa: PLC0415  # only when licenses are shown

    store = context.installation.store
    model = store.get(request.model)
    evidence = model.manifest.license
    text = None
    if evidence.file_path is not None:
        path = store.view(model) / evidence.file_path
        if path.is_file():
            text = library.read_license(path)
    summary = library.summarise(
        card=evidence.card,
        header=evidence.header,
        license_text=text,
        text_path=evidence.file_path,
        card_where="README.md",
    )
    return _answers(summary, text)


@operation("license.explain", summary="What a known license says")
def explain_license(context: Context, request: ExplainLicense) -> LicenseAnswers:
    """The answers of a license by its identifier.

    Raises:
        NotFound: it is not among the known ones.
    """
    from steelyard.licenses import library  # noqa: PLC0415  # as above

    return _answers(library.explain(request.id), None)


@operation("license.identify", summary="Recognise a license text")
def identify_license(context: Context, request: IdentifyLicense) -> LicenseIdentified:
    """Which known license a text is, what was added to it, and which it resembles.

    Raises:
        NotFound: there is no such file.
        MalformedInput: it is not text, or too large to be a license.
    """
    from steelyard.licenses import library  # noqa: PLC0415  # as above

    if not request.file.is_file():
        raise NotFound(f"There is no file {request.file}.", path=str(request.file))
    found = library.identify(library.read_license(request.file))
    return LicenseIdentified(
        found.id,
        found.verdict,
        found.neighbours,
        found.left_over_chars,
        found.left_over,
        found.text_digest,
    )


def _answers(summary: LicenseSummary, text: str | None) -> LicenseAnswers:
    return LicenseAnswers(
        id=summary.id,
        name=summary.name,
        answers={answer.question: answer for answer in summary.answers},
        findings=summary.findings,
        obligations=summary.obligations,
        witnesses=summary.witnesses,
        summary_version=summary.summary_version,
        text_digest=summary.text_digest,
        text_path=summary.text_path,
        text=text,
    )
