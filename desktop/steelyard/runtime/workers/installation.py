"""What to tell a person whose engine is not installed, or does not load."""

from __future__ import annotations

from steelyard.base.errors import SteelyardError
from steelyard.runtime import failure
from steelyard.runtime.errors import EngineMissing, WorkerOutOfMemory

_HOW_TO_GET = {
    "llama.cpp": "Run python3 installers/bootstrap.py run again: it builds llama-cpp-python for this machine.",
    "transformers": "Run python3 installers/bootstrap.py run --with transformers, or "
    'pip install "steelyard[transformers]".',
}
_LIBRARIES = {"llama.cpp": "llama-cpp-python", "transformers": "torch and transformers"}


def engine_did_not_load(engine: str, error: Exception) -> SteelyardError:
    """The error for an import that failed: the library is not there, or there is no memory for it.

    Args:
        engine: `llama.cpp` or `transformers`.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" .")]
    if failure.says_no_memory(lines):
        return WorkerOutOfMemory(
            f"There is not enough memory to load the {engine} engine itself.",
            next_step="Close other programs, or raise the worker's memory limit.",
            stage="start",
            last_lines=list(lines[-3:]),
        )
    missing = isinstance(error, ModuleNotFoundError)
    what = "is not installed" if missing else f"does not load: {lines[-1] if lines else error!r}"
    return EngineMissing(
        f"The {engine} engine {what}.".replace("..", "."),
        next_step=_HOW_TO_GET[engine],
        engine=engine,
        library=_LIBRARIES[engine],
    )
