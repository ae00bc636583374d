"""The gate's rows about bytes, engine and speed.

They judge the file and this installation, not what the model can do, and pass only when every check passes.
"""

from __future__ import annotations

from collections.abc import Sequence

from steelyard.base.digests import parse_digest
from steelyard.base.errors import Cancelled, Json, SteelyardError
from steelyard.evals.checks import Check, expect, run_checks
from steelyard.evals.conduct import Bench
from steelyard.evals.records import Row
from steelyard.evals.verdicts import RowSpec, Rule, judge, not_run
from steelyard.runtime.errors import NotSupportedByEngine

LOAD_AND_DIGEST = RowSpec("load-and-digest", "Loads, and the bytes match", 1.0, Rule.EVERY_ITEM)
THROUGHPUT = RowSpec("throughput", "Speed", 1.0, Rule.EVERY_ITEM)

LEAST_TOKENS_PER_S = 1.0
"""Below this nobody can use the model here; it is a floor, not a recommendation."""

LOAD_CHECKS, SPEED_CHECKS = 4, 2
PROMPT_TOKENS, GENERATED_TOKENS, REPETITIONS = 128, 32, 3
SENTENCE = "What is kept in the grey cabinet?"


def load_and_digest(bench: Bench) -> Row:
    """The files are hashed again, the digest is one, the engine says what it is and makes tokens of text."""
    values: dict[str, Json] = {"load_s": round(bench.engine.loaded.load_s, 3)}

    def files() -> str:
        found = bench.subject.verify()
        values["checked_bytes"] = found.checked_bytes
        parts = {
            "differs": found.mismatched,
            "missing": found.missing,
            "not in the manifest": found.extra,
        }
        wrong = [f"{why}: {', '.join(names)}" for why, names in parts.items() if names]
        expect(found.ok, "; ".join(wrong) or "the files do not match the manifest")
        return f"{found.checked_bytes} bytes hashed, all as in the manifest"

    def digest() -> str:
        return parse_digest(bench.subject.model_digest)

    def engine() -> str:
        expect(bench.engine.alive, "the engine has ended")
        facts = bench.engine.loaded.engine
        expect(
            bool(facts.get("name") and facts.get("version")), "the engine does not say what it is"
        )
        return " ".join(facts[key] for key in ("name", "version", "build") if facts.get(key))

    def tokens() -> str:
        ids = bench.engine.tokenize(SENTENCE)
        vocabulary = bench.engine.loaded.vocabulary
        expect(bool(ids), "a sentence becomes no tokens")
        expect(all(0 <= each < vocabulary for each in ids), "a token lies outside the vocabulary")
        return f"{len(ids)} tokens of a vocabulary of {vocabulary}"

    checks = {"files": files, "digest": digest, "engine": engine, "tokens": tokens}
    return judge(LOAD_AND_DIGEST, run_checks(bench, LOAD_AND_DIGEST, checks), values=values)


def throughput(bench: Bench) -> Row:
    """Prompt and generation speed, measured as llama-bench does: warm-up, repetitions, median."""
    context_tokens = bench.engine.loaded.context_tokens
    if context_tokens <= GENERATED_TOKENS:
        bench.skip(SPEED_CHECKS)
        return not_run(THROUGHPUT, f"loaded with a context of {context_tokens} tokens")
    try:
        measured = bench.engine.benchmark(
            prompt_tokens=min(PROMPT_TOKENS, context_tokens - GENERATED_TOKENS),
            generated_tokens=GENERATED_TOKENS,
            repetitions=REPETITIONS,
            report=bench.report,
        )
    except NotSupportedByEngine as error:
        bench.skip(SPEED_CHECKS)
        return not_run(THROUGHPUT, error.message)
    except Cancelled:
        raise
    except SteelyardError as error:
        bench.skip(SPEED_CHECKS - 1)
        return judge(THROUGHPUT, run_checks(bench, THROUGHPUT, {"benchmark": _raising(error)}))
    prompt, generation = measured.prompt_tokens_per_s, measured.generation_tokens_per_s
    checks = {
        "prompt": lambda: _fast_enough(prompt),
        "generation": lambda: _fast_enough(generation),
    }
    return judge(
        THROUGHPUT,
        run_checks(bench, THROUGHPUT, checks),
        note=f"{_median(generation):.1f} tokens/s",
        values={**_rate("prompt", prompt), **_rate("generation", generation)},
    )


def _median(values: Sequence[float]) -> float:
    from statistics import median  # noqa: PLC0415  # not needed to start

    return median(values)


def _raising(error: SteelyardError) -> Check:
    def check() -> str:
        raise error

    return check


def _fast_enough(tokens_per_s: Sequence[float]) -> str:
    expect(
        min(tokens_per_s) > LEAST_TOKENS_PER_S, f"not above {LEAST_TOKENS_PER_S:g} token per second"
    )
    return ", ".join(f"{each:.2f} tokens/s" for each in tokens_per_s)


def _rate(name: str, tokens_per_s: Sequence[float]) -> dict[str, Json]:
    return {
        f"{name}_tokens_per_s": round(_median(tokens_per_s), 2),
        f"{name}_tokens_per_s_low": round(min(tokens_per_s), 2),
        f"{name}_tokens_per_s_high": round(max(tokens_per_s), 2),
    }
