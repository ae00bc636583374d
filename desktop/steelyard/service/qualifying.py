"""`qualify`: installation and operational qualification, with the network watched on request."""

from __future__ import annotations

import dataclasses
import json
import platform
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from steelyard.base import durable
from steelyard.base.canonical import canonical_digest
from steelyard.base.clock import iso_utc, utc_now
from steelyard.base.errors import Json, OutOfResources, SteelyardError
from steelyard.qualification.journeys import STEPS, Place, environment, run_steps
from steelyard.qualification.records import Row, Verdict
from steelyard.service.governing import installed_versions
from steelyard.service.operation import Context, operation, to_json
from steelyard.service.requests import (
    CaughtPacket,
    QualificationReport,
    QualificationRow,
    Qualify,
)


@operation(
    "program.qualify",
    summary="Show that this installation does what it should",
    mutates=True,
    audited=("network",),
)
def qualify(context: Context, request: Qualify) -> QualificationReport:
    """Check the installation, run the main journeys as commands in a home of their own, and report.

    Raises:
        OutOfResources: the journeys could not be started at all.
        Cancelled: between two steps; nothing stays behind.
    """
    rows = [_of("installation", row) for row in _installation(context)]
    total = len(rows) + (len(STEPS) if request.operation else 0)

    def on_row(row: Row) -> None:
        rows.append(_of("operation", row))
        context.report("qualifying", len(rows), total, unit="items", detail=row.title)

    context.report("qualifying", len(rows), total, unit="items")
    observation, packets = "", tuple[CaughtPacket, ...]()
    with tempfile.TemporaryDirectory(prefix="steelyard-qualify-") as name:
        if request.operation and request.network:
            observation, packets, row = _observed(Path(name), on_row)
            rows.append(_of("network", row))
        elif request.operation:
            run_steps(Place.make(Path(name)), on_row)
    report = _report(context, tuple(rows), observation, packets)
    if request.out is not None:
        text = as_markdown(report)
        if request.out.suffix == ".json":
            text = json.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n"
        durable.write_bytes(request.out, text.encode())
        report = dataclasses.replace(report, path=str(request.out))
    failed: list[Json] = [row.name for row in rows if row.verdict == Verdict.FAIL]
    context.facts |= {"ok": report.ok, "digest": report.digest, "failed": failed}
    if request.network:
        context.facts |= {"observation": observation, "packets": sum(p.count for p in packets)}
    return report


def _of(part: str, row: Row) -> QualificationRow:
    return QualificationRow(
        part, row.name, row.title, row.expected, row.observed, row.verdict.value, row.elapsed_s
    )


def _report(
    context: Context,
    rows: tuple[QualificationRow, ...],
    observation: str,
    packets: tuple[CaughtPacket, ...],
) -> QualificationReport:
    versions = installed_versions()
    asked = any(row.part == "network" for row in rows)
    good = (Verdict.PASS,) if asked else (Verdict.PASS, Verdict.NOT_RUN)
    report = QualificationReport(
        ok=all(row.verdict in good for row in rows),
        version=versions.version,
        python=versions.python,
        engines=versions.engines,
        machine=f"{platform.system()} {platform.release()}, {platform.machine()}",
        made_at=iso_utc(utc_now()),
        rows=rows,
        observation=observation,
        packets=packets,
        policy=context.installation.settings.digest(),
    )
    return dataclasses.replace(report, digest=canonical_digest(to_json(report)))


# ------------------------------------------------------------------ installation


def _installation(context: Context) -> Iterator[Row]:
    for name, title, expected, check in (
        ("resources", "What was shipped is there", "licenses, suites, starter", _resources),
        ("private", "The data folder is this user's alone", "mode 0700", _private),
        ("policy", "Policy can be read", "no problem", _policy),
        ("log", "The log of this installation is whole", "no damage", _log),
        ("confinement", "Engines run without a network", "namespace or seccomp", _confinement),
    ):
        began_s = time.monotonic()
        try:
            observed, passed = check(context)
        except SteelyardError as error:
            observed, passed = error.message, False
        verdict = Verdict.PASS if passed else Verdict.FAIL
        yield Row(name, title, expected, observed, verdict, time.monotonic() - began_s)


Check = Callable[[Context], tuple[str, bool]]


def _resources(_: Context) -> tuple[str, bool]:
    from steelyard.base.paths import resource  # noqa: PLC0415  # beside its use

    counts = {
        name: sum(1 for _ in resource(name).glob(pattern))
        for name, pattern in (("licenses", "*.json"), ("suites", "*.json"), ("starter", "*.gguf"))
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items()), all(counts.values())


def _private(context: Context) -> tuple[str, bool]:
    mode = stat.S_IMODE(context.installation.home.data.stat().st_mode)
    return f"mode {mode:04o}", sys.platform == "win32" or not mode & 0o077


def _policy(context: Context) -> tuple[str, bool]:
    problems = context.installation.settings.problems
    return " ".join(problems) or "no problem", not problems


def _log(context: Context) -> tuple[str, bool]:
    found = context.installation.log.verify()
    if found.problem is None:
        return f"{found.entries} entries, no damage", True
    return f"entry {found.problem.seq}: {found.problem.kind}", False


def _confinement(_: Context) -> tuple[str, bool]:
    """What a worker of this installation reaches, asked of one."""
    from steelyard.runtime.inspection import confinement_level  # noqa: PLC0415  # brings the workers

    level = confinement_level()
    return level, level in ("namespace", "seccomp")


# ------------------------------------------------------------------ network


def _observed(
    folder: Path, on_row: Callable[[Row], None]
) -> tuple[str, tuple[CaughtPacket, ...], Row]:
    from steelyard.qualification.observed import observation_command  # noqa: PLC0415  # only when asked

    began_s = time.monotonic()
    seen: dict[str, Json] = {}
    with subprocess.Popen(
        observation_command(folder),
        env=environment(folder / "home"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                document = json.loads(line)
                if "row" in document:
                    fields = document["row"]
                    on_row(Row(**{**fields, "verdict": Verdict(fields["verdict"])}))
                else:
                    seen = document["observation"]
        except BaseException:
            process.terminate()
            raise
    if process.returncode or not seen:
        raise OutOfResources(
            f"The observed journeys ended with exit code {process.returncode}.",
            next_step="Run steelyard qualify without --network to see which step fails.",
        )
    packets = tuple(CaughtPacket(**packet) for packet in seen["packets"])  # type: ignore[union-attr,arg-type]  # our own process
    level, trial = str(seen["level"]), bool(seen["trial_seen"])
    elapsed_s = time.monotonic() - began_s
    title = "Not one packet left while all of that ran"
    expected = "0 packets, and the trial packet caught"
    if level == "none":
        return (
            level,
            (),
            Row("packets", title, expected, str(seen["why"]), Verdict.NOT_RUN, elapsed_s),
        )
    count = sum(packet.count for packet in packets)
    observed = f"{count} packets; the trial packet was {'caught' if trial else 'not caught'}"
    verdict = Verdict.PASS if trial and not count else Verdict.FAIL
    return level, packets, Row("packets", title, expected, observed, verdict, elapsed_s)


# ------------------------------------------------------------------ on paper


def as_markdown(report: QualificationReport) -> str:
    """The report for a file and for print: every row with what was expected and what was seen."""
    lines = [
        f"# Qualification of Steelyard {report.version}",
        "",
        f"Made {report.made_at} on {report.machine}, Python {report.python}"
        + "".join(f", {engine['name']} {engine['version']}" for engine in report.engines)
        + ".",
        f"Verdict: **{'passed' if report.ok else 'not passed'}**. Policy in force: `{report.policy}`.",
        f"Digest of this report, as in the log: `{report.digest}`.",
    ]
    for part, title in (
        ("installation", "Installation"),
        ("operation", "Operation"),
        ("network", "Network"),
    ):
        rows = [row for row in report.rows if row.part == part]
        if not rows:
            continue
        lines += [
            "",
            f"## {title}",
            "",
            "| check | expected | observed | verdict |",
            "|---|---|---|---|",
        ]
        lines += [
            "| "
            + " | ".join(
                _cell(text) for text in (row.title, row.expected, row.observed, row.verdict)
            )
            + " |"
            for row in rows
        ]
    lines += [
        f"- {packet.count} × {packet.protocol} to {packet.destination} port {packet.port}"
        for packet in report.packets
    ]
    lines += ["", "Checked by: ______________________  Date: ______________", ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace("|", "\\|")
