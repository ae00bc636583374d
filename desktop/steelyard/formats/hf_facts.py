"""Makes the record of a model in Hugging Face layout."""

from __future__ import annotations

from steelyard.base.digests import digest_of
from steelyard.base.errors import Json
from steelyard.formats.facts_record import MAX_METADATA, ModelFacts, short_value
from steelyard.formats.hf_config import HfFolder
from steelyard.formats.template_remarks import template_remarks


def hf_facts(folder: HfFolder) -> ModelFacts:
    """The record of a judged folder. Its config names no title and no publisher; those are empty."""
    config = folder.config
    template = folder.chat_template
    remarks = template_remarks(template, folder.bos_token, folder.eos_token)
    metadata: dict[str, Json] = {
        key: short_value(value) for key, value in list(config.values.items())[:MAX_METADATA]
    }
    return ModelFacts(
        format="safetensors",
        title="",
        publisher="",
        quantization=config.quantization or folder.dominant_dtype,
        architecture=config.model_type,
        parameters=folder.parameters,
        context_length=config.context_length,
        tokenizer_digest=folder.tokenizer_digest,
        template_digest=digest_of(template.encode("utf-8", "surrogatepass"))
        if template is not None
        else None,
        chat_template=template,
        header_license=None,
        metadata=metadata,
        findings=(*folder.findings, *remarks.findings),
        notes=remarks.notes,
    )
