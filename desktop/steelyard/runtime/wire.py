"""The records of `runtime.records` as JSON and back: parsed once, at the pipe, into frozen dataclasses."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import cast

from steelyard.base.errors import Json
from steelyard.machine.report import EngineDevice
from steelyard.runtime.errors import FrameError
from steelyard.runtime.records import (
    BenchmarkFigures,
    DeviceLoad,
    DryLoad,
    Generation,
    GenerationRequest,
    Loaded,
    LoadRequest,
    Message,
    PrintedSize,
    Sampling,
)


class Fields:
    """Typed access to a JSON object.

    Raises:
        FrameError: from every method, when the field is missing or of another type.
    """

    def __init__(self, value: Json, what: str) -> None:
        if not isinstance(value, dict):
            raise FrameError(f"{what} is not an object.")
        self._value = value
        self._what = what

    def _wrong(self, name: str, wanted: str) -> FrameError:
        return FrameError(f"{self._what} has no {wanted} {name!r}.", field=name)

    def get(self, name: str) -> Json:
        """The bare value, None when it is absent."""
        return self._value.get(name)

    def text(self, name: str) -> str:
        """A string."""
        value = self._value.get(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, or null."""
        return None if self._value.get(name) is None else self.text(name)

    def integer(self, name: str) -> int:
        """A whole number."""
        value = self._value.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "whole number")
        return value

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or null."""
        return None if self._value.get(name) is None else self.integer(name)

    def number(self, name: str) -> float:
        """A number."""
        value = self._value.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name, "number")
        return float(value)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._value.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "truth value")
        return value

    def items(self, name: str) -> list[Json]:
        """A list."""
        value = self._value.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name, "list of texts")
        return tuple(cast("list[str]", values))

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.items(name)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise self._wrong(name, "list of whole numbers")
        return tuple(cast("list[int]", values))

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of numbers."""
        values = self.items(name)
        if not all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in values
        ):
            raise self._wrong(name, "list of numbers")
        return tuple(float(cast("float", value)) for value in values)

    def table(self, name: str) -> dict[str, Json]:
        """An object."""
        value = self._value.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, "object")
        return value


def load_request_to_json(request: LoadRequest) -> dict[str, Json]:
    """Every field; the path absolute, since a worker stands elsewhere."""
    return {**asdict(request), "path": str(request.path.absolute())}


def load_request_from_json(value: Json) -> LoadRequest:
    """The inverse of `load_request_to_json`."""
    fields = Fields(value, "The load request")
    return LoadRequest(
        path=Path(fields.text("path")),
        engine=fields.text("engine"),
        context_tokens=fields.integer("context_tokens"),
        kv_type=fields.text("kv_type"),
        threads=fields.integer("threads"),
        gpu_layers=fields.integer("gpu_layers"),
    )


def loaded_from_json(value: Json) -> Loaded:
    """What a worker replies to `load`."""
    fields = Fields(value, "The answer to load")
    return Loaded(
        engine={key: str(word) for key, word in fields.table("engine").items()},
        context_tokens=fields.integer("context_tokens"),
        vocabulary=fields.integer("vocabulary"),
        parameters=fields.integer("parameters"),
        template_digest=fields.optional_text("template_digest"),
        confinement=fields.text("confinement"),
        load_s=fields.number("load_s"),
        resident_bytes=fields.integer("resident_bytes"),
    )


def generation_request_to_json(request: GenerationRequest) -> dict[str, Json]:
    """Every field, nested."""
    return cast("dict[str, Json]", asdict(request))


def messages_from_json(values: list[Json]) -> tuple[Message, ...]:
    """A list of `{"role", "content"}`."""
    messages = [Fields(value, "A message") for value in values]
    return tuple(Message(m.text("role"), m.text("content")) for m in messages)


def generation_request_from_json(value: Json) -> GenerationRequest:
    """The inverse of `generation_request_to_json`."""
    fields = Fields(value, "The request")
    return GenerationRequest(
        messages=messages_from_json(fields.items("messages")),
        prompt=fields.optional_text("prompt"),
        sampling=_sampling_from_json(fields.get("sampling")),
        thinking=fields.flag("thinking"),
    )


def _sampling_from_json(value: Json) -> Sampling:
    fields = Fields(value, "The sampling")
    return Sampling(
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.integer("top_k"),
        min_p=fields.number("min_p"),
        repetition_penalty=fields.number("repetition_penalty"),
        max_tokens=fields.integer("max_tokens"),
        seed=fields.integer("seed"),
        stop=fields.texts("stop"),
        json_schema=None if fields.get("json_schema") is None else fields.table("json_schema"),
    )


def generation_from_json(value: Json) -> Generation:
    """What a worker replies to `generate`."""
    fields = Fields(value, "The answer")
    return Generation(
        text=fields.text("text"),
        token_ids=fields.integers("token_ids"),
        finish_reason=fields.text("finish_reason"),
        prompt_tokens=fields.integer("prompt_tokens"),
        completion_tokens=fields.integer("completion_tokens"),
        time_to_first_token_s=fields.number("time_to_first_token_s"),
        tokens_per_s=fields.number("tokens_per_s"),
        elapsed_s=fields.number("elapsed_s"),
        seed=fields.integer("seed"),
        rendered_prompt=fields.text("rendered_prompt"),
    )


def engine_device_from_json(value: Json) -> EngineDevice:
    """One entry of the reply to `engine_devices`."""
    fields = Fields(value, "A device")
    return EngineDevice(
        name=fields.text("name"),
        description=fields.text("description"),
        kind=fields.text("kind"),
        total_bytes=fields.integer("total_bytes"),
        free_bytes=fields.integer("free_bytes"),
    )


def dry_load_from_json(value: Json) -> DryLoad:
    """What a worker replies to `dry_load`."""
    fields = Fields(value, "The answer to dry_load")
    return DryLoad(
        context_tokens=fields.integer("context_tokens"),
        trained_context_tokens=fields.integer("trained_context_tokens"),
        vocabulary=fields.integer("vocabulary"),
        devices=tuple(_device_load(item) for item in fields.items("devices")),
        exact=fields.flag("exact"),
        precision_bytes=fields.integer("precision_bytes"),
        printed=tuple(_printed_size(item) for item in fields.items("printed")),
        elapsed_s=fields.number("elapsed_s"),
    )


def _device_load(value: Json) -> DeviceLoad:
    fields = Fields(value, "A device")
    return DeviceLoad(
        name=fields.text("name"),
        kind=fields.text("kind"),
        weights_bytes=fields.optional_integer("weights_bytes"),
        kv_bytes=fields.integer("kv_bytes"),
        compute_bytes=fields.integer("compute_bytes"),
        output_bytes=fields.integer("output_bytes"),
    )


def _printed_size(value: Json) -> PrintedSize:
    fields = Fields(value, "A printed size")
    return PrintedSize(fields.text("what"), fields.text("where"), fields.number("mib"))


def benchmark_from_json(value: Json) -> BenchmarkFigures:
    """What a worker replies to `benchmark`."""
    fields = Fields(value, "The answer to benchmark")
    return BenchmarkFigures(
        prompt_tokens=fields.integer("prompt_tokens"),
        generated_tokens=fields.integer("generated_tokens"),
        prompt_tokens_per_s=fields.numbers("prompt_tokens_per_s"),
        generation_tokens_per_s=fields.numbers("generation_tokens_per_s"),
    )
