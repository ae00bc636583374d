"""One model, one conversation at a time, through llama.cpp's low-level interface.

Only worker processes import this module: it imports llama_cpp.
"""

from __future__ import annotations

import codecs
import time
from typing import Any

from steelyard.base.errors import Json, UsageError
from steelyard.runtime import wire
from steelyard.runtime.job import Job
from steelyard.runtime.workers.answer import Answer, checked
from steelyard.runtime.workers.benchmark import benchmark
from steelyard.runtime.workers.chat import chat_template, prompt_of, render
from steelyard.runtime.workers.host import resident_bytes
from steelyard.runtime.workers.llama_context import LlamaContext
from steelyard.runtime.workers.llama_grammar import grammar_sampler
from steelyard.runtime.workers.llama_library import EngineLog, build
from steelyard.runtime.workers.llama_model import LlamaModel
from steelyard.runtime.workers.llama_sampler import Sampler


class LlamaEngine:
    """The worker's one model, and the operations on it."""

    def __init__(self) -> None:
        self._log = EngineLog()
        self._context: LlamaContext | None = None
        self._template: Any = None

    @property
    def _ready(self) -> LlamaContext:
        if self._context is None:
            raise UsageError("No model is loaded in this worker.")
        return self._context

    def load(self, params: dict[str, Json], job: Job) -> Json:
        """Open the model, make a context, warm up."""
        request = wire.load_request_from_json(params)
        if self._context is not None:
            raise UsageError("This worker already holds a model.", next_step="Use another worker.")
        started_s = time.perf_counter()
        self._log.clear()
        model = LlamaModel.load(request.path, gpu_layers=request.gpu_layers, job=job, log=self._log)
        template = chat_template(
            model.template, model.token_text(model.bos), model.token_text(model.eos)
        )
        context = LlamaContext(model, request, self._log)
        context.abort.arm(job)
        job.emit({"stage": "warm-up"})
        context.warm_up()
        self._context, self._template = context, template
        return {
            "engine": dict[str, Json](build()),
            "context_tokens": context.limit_tokens,
            "vocabulary": model.vocabulary,
            "parameters": model.parameters,
            "template_digest": template.digest if template else None,
            "load_s": time.perf_counter() - started_s,
            "resident_bytes": resident_bytes(),
        }

    def generate(self, params: dict[str, Json], job: Job) -> Json:
        """Answer; text goes out in events, the whole and its figures in the result."""
        started_s = time.perf_counter()
        context = self._ready
        request = wire.generation_request_from_json(params)
        sampling = checked(request.sampling)
        prompt = prompt_of(request, self._template, context.model)
        context.abort.arm(job)
        grammar = None
        if sampling.json_schema is not None:
            grammar = grammar_sampler(context.model, sampling.json_schema, self._log)
        sampler = Sampler(context, sampling, prompt.tokens, grammar)
        # Whoever gave a seed, or no temperature, wants the same answer again.
        repeatable = request.sampling.seed != -1 or sampling.temperature == 0
        try:
            decoder = _Decoder(context, sampler, repeatable=repeatable)
            return Answer(decoder, sampling, job).make(prompt, started_s)
        finally:
            sampler.close()

    def tokenize(self, params: dict[str, Json], job: Job) -> Json:
        """Token ids of a text."""
        fields = wire.Fields(params, "The request")
        job.check()
        tokens = self._ready.model.tokenize(fields.text("text"), special=fields.flag("special"))
        return list[Json](tokens)

    def render(self, params: dict[str, Json], job: Job) -> Json:
        """What the chat template makes of messages."""
        fields = wire.Fields(params, "The request")
        job.check()
        messages = wire.messages_from_json(fields.items("messages"))
        return render(self._template, messages, thinking=fields.flag("thinking"))

    def benchmark(self, params: dict[str, Json], job: Job) -> Json:
        """Tokens per second, by llama-bench's method."""
        fields = wire.Fields(params, "The request")
        context = self._ready
        context.abort.arm(job)
        return benchmark(
            context,
            job,
            prompt_tokens=fields.integer("prompt_tokens"),
            generated_tokens=fields.integer("generated_tokens"),
            repetitions=fields.integer("repetitions"),
        )


class _Decoder:
    """One answer, as `answer.Decoder`."""

    def __init__(self, context: LlamaContext, sampler: Sampler, *, repeatable: bool) -> None:
        self._context = context
        self._repeatable = repeatable
        self.sample = sampler.sample
        self.ends = context.model.ends
        self.advance = context.advance
        # A character may take several tokens; half of one is held until it is whole.
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")

    def prefill(self, tokens: list[int], job: Job) -> None:
        self._context.prefill(tokens, job, repeatable=self._repeatable)

    def text_of(self, token: int) -> str:
        return self._characters.decode(self._context.model.piece(token))

    def rest_of_text(self) -> str:
        return self._characters.decode(b"", final=True)
