"""`steelyard machine` and `steelyard fit`."""

from __future__ import annotations

from typing import Annotated

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, session
from steelyard.fit.report import FitReport
from steelyard.machine.report import MachineReport
from steelyard.service import requests as ask
from steelyard.service.operation import to_json


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    app.command("machine")(machine)
    app.command("fit")(fit)


@covers("machine.probe")
def machine(json: JsonFlag = False) -> None:
    """What this machine has, and what the engine sees of it."""
    with session("machine.probe", as_json=json) as s:
        result: MachineReport = s.run(ask.ProbeMachine())
    if json:
        output.print_result("machine.probe", to_json(result))
        return
    output.line(f"System     {result.os.name} {result.os.release}, Python {result.os.python}")
    output.line(
        f"Processor  {result.cpu.model}, {result.cpu.physical_cores} cores, "
        f"{', '.join(result.cpu.instruction_sets)}"
    )
    output.line(
        f"Memory     {output.gib(result.memory.available_bytes)} available of "
        f"{output.gib(result.memory.total_bytes)}"
    )
    for disk in result.disks:
        output.line(
            f"Disk       {output.gib(disk.free_bytes)} free of {output.gib(disk.total_bytes)} "
            f"{disk.filesystem} {disk.path}{', models lie here' if disk.holds_store else ''}"
        )
    for gpu in result.gpus:
        free = "not known" if gpu.free_bytes is None else output.gib(gpu.free_bytes)
        output.line(f"GPU        {gpu.name}, {gpu.backend}, driver {gpu.driver}, {free} free")
    for device in result.engine_devices:
        output.line(f"Engine     {device.kind}: {device.name} {device.description}")
    for problem in (*result.problems, *filter(None, [result.engine_problem])):
        output.line(f"! {problem}")


@covers("fit.ask")
def fit(
    target: Annotated[
        str,
        typer.Argument(
            help="A model in the store, a GGUF file, or owner/name:QUANTIZATION from the catalog."
        ),
    ],
    context: Annotated[
        int, typer.Option("--context", "-c", help="Tokens; 0: as trained, at most 8192.")
    ] = 0,
    kv_type: Annotated[str, typer.Option(help="f16, q8_0 or q4_0.")] = "f16",
    sequences: Annotated[int, typer.Option(help="Parallel conversations.")] = 1,
    json: JsonFlag = False,
) -> None:
    """What a model needs in memory here, asked of the engine. Exit code 1 when it does not fit."""
    with session("fit.ask", as_json=json) as s:
        result: FitReport = s.run(ask.AskFit(target, context, kv_type, sequences))
    if json:
        output.print_result("fit.ask", to_json(result))
    else:
        for word, size in (
            ("Weights", result.weights_bytes),
            (f"KV cache, {result.context_tokens:,} tokens, {result.kv_type}", result.kv_bytes),
            ("Compute", result.compute_bytes),
            ("Output", result.output_bytes),
            ("Needed", result.total_bytes),
            ("Available", result.available_bytes),
            ("Kept free", result.reserve_bytes),
        ):
            output.line(f"{word:<36}{output.gib(size):>12}")
        verdict = "Fits" if result.fits else "Does not fit"
        side = "to spare" if result.fits else "too little"
        output.line(
            f"{verdict}, {output.gib(abs(result.margin_bytes))} {side} (source: {result.source})."
        )
        for sentence in result.notes:
            output.line(f"! {sentence}")
    finish(ExitCode.DONE if result.fits else ExitCode.ANSWER_IS_NO)
