"""What is kept of people's words: a preview."""

from __future__ import annotations

from steelyard.service.operation import Context, operation
from steelyard.service.requests import PersonalFinding, PreviewStorage, StoragePreview


@operation("privacy.preview", summary="Show what would be stored of a text")
def preview(context: Context, request: PreviewStorage) -> StoragePreview:
    """Run the detectors on a text and show what they would take out.

    Raises:
        MalformedInput: a pattern of the site cannot be used.
    """
    from steelyard.privacy.redaction import compile_site_patterns, redact  # noqa: PLC0415  # half a second

    settings = context.installation.settings
    done = redact(request.text, compile_site_patterns(settings.items("privacy.site-patterns")))
    return StoragePreview(
        done.text,
        tuple(
            PersonalFinding(each.kind.value, each.start, each.end, each.detector)
            for each in done.findings
        ),
        {"chat": "nothing", "evaluation": settings.text("retention.evaluation")},
    )
