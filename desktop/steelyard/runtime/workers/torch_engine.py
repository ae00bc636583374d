"""One model, one conversation at a time, through transformers.

Only worker processes import this module: it imports torch and transformers.
"""

from __future__ import annotations

import time
from typing import Any

import torch
import transformers

from steelyard.base.errors import Json, UsageError
from steelyard.runtime import wire
from steelyard.runtime.errors import NotSupportedByEngine
from steelyard.runtime.job import Job
from steelyard.runtime.workers.answer import Answer, Prompt, checked
from steelyard.runtime.workers.benchmark import benchmark
from steelyard.runtime.workers.chat import chat_template, prompt_of, render
from steelyard.runtime.workers.host import resident_bytes, threads_for
from steelyard.runtime.workers.torch_context import TorchContext
from steelyard.runtime.workers.torch_model import TextPieces, TorchModel
from steelyard.runtime.workers.torch_sampler import TorchSampler


class TorchEngine:
    """The worker's one model, and the operations on it."""

    def __init__(self) -> None:
        self._context: TorchContext | None = None
        self._template: Any = None

    @property
    def _ready(self) -> TorchContext:
        if self._context is None:
            raise UsageError("No model is loaded in this worker.")
        return self._context

    def load(self, params: dict[str, Json], job: Job) -> Json:
        """Open the folder, warm up."""
        request = wire.load_request_from_json(params)
        if self._context is not None:
            raise UsageError("This worker already holds a model.", next_step="Use another worker.")
        started_s = time.perf_counter()
        job.emit({"stage": "load"})
        model = TorchModel.load(request)
        torch.set_num_threads(request.threads or threads_for(model.size_bytes))
        job.check()
        tokenizer = model.tokenizer
        template = chat_template(
            model.template, tokenizer.bos_token or "", tokenizer.eos_token or ""
        )
        context = TorchContext(model, request.context_tokens)
        context.listen_to(job)
        job.emit({"stage": "warm-up"})
        context.warm_up()
        self._context, self._template = context, template
        return {
            "engine": _build(model),
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
        if sampling.json_schema is not None:
            raise NotSupportedByEngine(
                "The transformers engine cannot hold an answer to a JSON schema.",
                next_step="Use a GGUF of this model with the llama.cpp engine.",
                engine="transformers",
                feature="json_schema",
            )
        prompt = prompt_of(request, self._template, context.model)
        context.listen_to(job)
        sampler = TorchSampler(sampling, prompt.tokens)
        return Answer(_Decoder(context, sampler, prompt), sampling, job).make(prompt, started_s)

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
        context.listen_to(job)
        return benchmark(
            context,
            job,
            prompt_tokens=fields.integer("prompt_tokens"),
            generated_tokens=fields.integer("generated_tokens"),
            repetitions=fields.integer("repetitions"),
        )


class _Decoder:
    """One answer, as `answer.Decoder`."""

    def __init__(self, context: TorchContext, sampler: TorchSampler, prompt: Prompt) -> None:
        self._context = context
        self._sampler = sampler
        self._pieces = TextPieces(context.model.tokenizer, prompt.tokens)
        self.prefill = context.prefill
        self.advance = context.advance
        self.ends = context.model.ends
        self.text_of = self._pieces.push
        self.rest_of_text = self._pieces.finish

    def sample(self) -> int:
        return self._sampler.sample(self._context.logits)


def _build(model: TorchModel) -> dict[str, Json]:
    precision = str(model.model.dtype).removeprefix("torch.")
    attention = getattr(model.model.config, "_attn_implementation", "")
    return {
        "name": "transformers",
        "version": f"transformers {transformers.__version__}",
        "build": f"torch {torch.__version__}; {precision} on {model.device}; {attention} attention",
    }
