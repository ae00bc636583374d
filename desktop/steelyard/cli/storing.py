"""`steelyard store …`, and what `steelyard model …` does with the store as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from steelyard.base.errors import ExitCode
from steelyard.cli import output
from steelyard.cli.call import JsonFlag, covers, finish, given_path, session
from steelyard.cli.models import ModelName, models, print_taken
from steelyard.service import requests as ask
from steelyard.service.operation import to_json

store = typer.Typer(help="Where models lie.", no_args_is_help=True)

DAY_S = 86_400


def register(app: typer.Typer) -> None:
    """Add this file's commands; those on models join the noun's own."""
    app.add_typer(store, name="store")


@store.command("show")
@covers("store.show")
def show_store(json: JsonFlag = False) -> None:
    """Show where models lie, and how it stands with that store."""
    with session("store.show", as_json=json) as s:
        result: ask.StoreStatus = s.run(ask.ShowStore())
    if json:
        output.print_result("store.show", to_json(result))
        return
    writers = f" for the group {result.group}" if result.group else ""
    may = "you may change it" if result.writable else "you may read it"
    output.line(f"Location      {result.location}")
    output.line(f"Kind          {'shared' if result.shared else 'your own'}{writers}; {may}")
    output.line(f"Models        {result.models}, in {result.blobs} blobs")
    output.line(
        f"Room          {output.gib(result.used_bytes)} used, {output.gib(result.free_bytes)} free, "
        f"{output.gib(result.garbage_bytes)} that nothing refers to"
    )
    if result.unverified_for_s is not None:
        output.line(f"Verified      all within {result.unverified_for_s / DAY_S:.1f} days")
    output.line(f"Before a load {result.reverify}")
    for problem in result.problems:
        output.line(problem)


@store.command("create")
@covers("store.create")
def create_store(
    location: Annotated[
        Path, typer.Argument(parser=given_path, help="An empty folder, or one to make.")
    ],
    group: Annotated[
        Optional[str],  # noqa: UP045  # typer reads this on every supported Python
        typer.Option(help="Its members may change the store, everyone may read it."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a store on another disk, or for several users of this machine."""
    with session("store.create", as_json=json) as s:
        result: ask.StoreMade = s.run(ask.MakeStore(location, group))
    if json:
        output.print_result("store.create", to_json(result))
        return
    output.line(f"Made a store in {result.location}.")
    output.line("Name it in the setting store.location, or in policy, to use it.")


@store.command("collect")
@covers("store.collect")
def collect_garbage(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only say what.")] = False,
    json: JsonFlag = False,
) -> None:
    """Find what nothing in the store refers to; with --apply take it away."""
    with session("store.collect", as_json=json) as s:
        result: ask.GarbageFound = s.run(ask.CollectGarbage(apply))
    if json:
        output.print_result("store.collect", to_json(result))
        return
    verb = "Freed" if result.applied else "Would free"
    output.line(
        f"{verb} {output.gib(result.freed_bytes)}: {result.blobs} blobs, {result.folders} folders."
    )
    for sentence in result.kept:
        output.line(f"Kept: {sentence}")
    if not result.applied and (result.blobs or result.folders):
        output.line("Run it again with --apply to take them away.")


@store.command("scrub")
@covers("store.scrub")
def scrub_store(
    older_than_days: Annotated[
        int, typer.Option(min=0, help="Only models last verified before that.")
    ] = 30,
    max_gib: Annotated[
        float, typer.Option(min=0, help="Begin no further model after so much; 0: no limit.")
    ] = 0,
    json: JsonFlag = False,
) -> None:
    """Hash again what was not verified for longest, giving way to other work."""
    with session("store.scrub", as_json=json) as s:
        result: ask.StoreScrubbed = s.run(ask.ScrubStore(older_than_days, int(max_gib * 1024**3)))
    if json:
        output.print_result("store.scrub", to_json(result))
    else:
        output.line(
            f"{output.gib(result.checked_bytes)} in {result.models} models read, "
            f"{result.remaining} still due."
        )
        for name in result.damaged:
            output.line(f"damaged   {name}: quarantined; see steelyard model show {name}")
    finish(ExitCode.DONE if result.ok else ExitCode.ANSWER_IS_NO)


@models.command("pin")
@covers("model.pin")
def pin_model(
    model: ModelName,
    reason: Annotated[str, typer.Option(help="Why; kept with the pin and in the log.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Let it go again.")] = False,
    json: JsonFlag = False,
) -> None:
    """Keep a model from being removed, or let it go again."""
    with session("model.pin", as_json=json) as s:
        result: ask.ModelPinned = s.run(ask.PinModel(model, reason, pinned=not off))
    if json:
        output.print_result("model.pin", to_json(result))
        return
    why = f": {result.reason}" if result.reason else ""
    output.line(
        f"{result.model} is pinned{why}." if result.pinned else f"{result.model} may be removed."
    )


@models.command("find")
@covers("model.find")
def find_models(
    folder: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(parser=given_path, help="Where; else the usual places of other programs."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Look for models of Hugging Face's cache, Ollama and LM Studio, or in one folder."""
    with session("model.find", as_json=json) as s:
        result: ask.ModelsFound = s.run(ask.FindModels(folder))
    if json:
        output.print_result("model.find", to_json(result))
        return
    output.table(
        ("Model", "Of", "Size", "In store", "Link", "Path"),
        [
            (
                m.title,
                m.origin,
                output.gib(m.size_bytes),
                m.known or "no",
                "possible" if m.linkable else "no",
                m.path,
            )
            for m in result.models
        ],
        right=(2,),
    )
    for place in result.looked_in:
        output.note(f"Looked in {place}.")
    if not result.looked_in:
        output.note("None of the usual places is there. Name a folder.")
    if not result.complete:
        output.note("There was more than one search looks at. Name a smaller folder.")


@models.command("adopt")
@covers("model.adopt")
def adopt_model(
    path: Annotated[Path, typer.Argument(parser=given_path, help="A path that model find shows.")],
    name: Annotated[Optional[str], typer.Option(help="Name in the store.")] = None,  # noqa: UP045
    link: Annotated[
        bool,
        typer.Option(
            "--link",
            help="By hard link, which costs no room; the other program could still write to it, which "
            "shows before the next load.",
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Take in a model from another program's folder: hashed, judged, admitted like every other."""
    with session("model.adopt", as_json=json) as s:
        result: ask.ModelTaken = s.run(ask.AdoptModel(path, name, link))
    print_taken("model.adopt", result, as_json=json)


@models.command("bom")
@covers("model.bom")
def make_bom(
    model: ModelName,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(parser=given_path, help="Write it there instead of on stdout."),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a model's bill of materials: CycloneDX 1.6, for tools that know nothing of Steelyard."""
    with session("model.bom", as_json=json) as s:
        result: ask.BomMade = s.run(ask.MakeBom(model, out))
    if json:
        output.print_result("model.bom", to_json(result))
    elif result.path is None:
        output.line(result.document.rstrip("\n"))
    else:
        output.line(f"Wrote {result.path} ({result.digest}).")
