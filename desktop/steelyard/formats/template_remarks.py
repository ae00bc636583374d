"""What a scan tells of a chat template: attacks are findings, habits are notes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TemplateRemarks:
    """Sentences, one per remark."""

    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def template_remarks(
    source: str | None, bos_token: str | None, eos_token: str | None
) -> TemplateRemarks:
    """Try the template, if there is one."""
    if not source:
        return TemplateRemarks()
    from steelyard.formats.template_lint import lint  # noqa: PLC0415  # brings Jinja

    remarks = lint(source, bos_token, eos_token)
    return TemplateRemarks(
        findings=tuple(remark.sentence for remark in remarks if remark.harmful),
        notes=tuple(remark.sentence for remark in remarks if not remark.harmful),
    )
