"""Runs and their samples on disk: what a run has finished survives whatever happens to it next.

Every sample and every row is committed as it finishes. A run whose process is gone without having ended it is
found when the store is opened and becomes `failed`, with the rows and samples it has.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from steelyard.base.clock import Clock, iso_utc, utc_now
from steelyard.base.database import open_database, transaction
from steelyard.base.errors import Json
from steelyard.evals.errors import RunNotFound
from steelyard.evals.records import Row, RowVerdict, RunRecord, Sample
from steelyard.evals.verdicts import worst
from steelyard.privacy.keeping import Keeper

MIGRATIONS = (
    """
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        suite TEXT NOT NULL,
        model_digest TEXT NOT NULL,
        status TEXT NOT NULL,
        process TEXT,
        record TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_model ON runs (model_digest, run_id);
    CREATE INDEX runs_by_suite ON runs (suite, run_id);
    CREATE TABLE rows (
        run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (run_id, position)
    ) STRICT;
    CREATE TABLE samples (
        run_id TEXT NOT NULL REFERENCES runs (run_id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        row TEXT NOT NULL,
        item_id TEXT NOT NULL,
        prompt TEXT NOT NULL,
        answer TEXT NOT NULL,
        passed INTEGER NOT NULL,
        reason TEXT NOT NULL,
        completion_tokens INTEGER NOT NULL,
        elapsed_s REAL NOT NULL,
        finish_reason TEXT NOT NULL,
        PRIMARY KEY (run_id, position)
    ) STRICT;
    """,
)
SAME_START_S = 2.0
INTERRUPTED = "Steelyard ended before the run did."


class RunStore:
    """The runs of one data folder. Usable from several threads; several processes may have it open.

    Args:
        path: the SQLite file; created when it is not there.
        clock: for run identifiers and times.
        keeper: asked for every sample how much of its texts may be stored.

    Raises:
        MalformedInput: the file is damaged, not a database, or written by a newer version.
    """

    def __init__(
        self, path: Path, clock: Clock = utc_now, keeper: Callable[[], Keeper] = Keeper
    ) -> None:
        self._connection = open_database(path, MIGRATIONS)
        self._lock = threading.RLock()
        self.clock = clock
        self._keeper = keeper
        self._fail_orphans()

    def close(self) -> None:
        """Close the file; the store is not usable afterwards."""
        with self._lock:
            self._connection.close()

    def now(self) -> str:
        """The clock's time as records write it."""
        return iso_utc(self.clock())

    # -------------------------------------------------------------- writing

    def add(self, record: RunRecord) -> None:
        """Store a run at its start; the process that calls is the one that runs it."""
        with self._lock, transaction(self._connection):
            self._connection.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)",
                (
                    record.run_id,
                    record.suite,
                    record.model_digest,
                    record.status,
                    _this_process(),
                    _to_text(_head(record)),
                ),
            )

    def add_sample(self, run_id: str, sample: Sample) -> None:
        """Append a sample to a run, durably, with as much of its texts as may be kept."""
        keeper = self._keeper()
        if not keeper.keeps_records:
            return
        sample = replace(
            sample,
            prompt=keeper.text(sample.prompt),
            answer=keeper.text(sample.answer),
            reason=keeper.text(sample.reason),
        )
        with self._lock, transaction(self._connection):
            self._append_sample(run_id, sample)

    def add_row(self, run_id: str, row: Row) -> None:
        """Append a finished row to a run, durably."""
        with self._lock, transaction(self._connection):
            self._append_row(run_id, row)

    def bring_in(self, record: RunRecord, samples: Sequence[Sample]) -> bool:
        """Store a run that was made elsewhere, whole or not at all; `record.origin` says where.

        Returns:
            False if a run of this identifier is here already; it is left as it is.
        """
        assert record.origin
        with self._lock, transaction(self._connection):
            added = self._connection.execute(
                "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, NULL, ?)",
                (
                    record.run_id,
                    record.suite,
                    record.model_digest,
                    record.status,
                    _to_text(_head(record)),
                ),
            ).rowcount
            if added:
                for row in record.rows:
                    self._append_row(record.run_id, row)
                for sample in samples:
                    self._append_sample(record.run_id, sample)
        return bool(added)

    def _append_sample(self, run_id: str, sample: Sample) -> None:
        self._connection.execute(
            "INSERT INTO samples SELECT ?, COALESCE(MAX(position) + 1, 0), ?, ?, ?, ?, ?, ?, ?, ?, ? "
            "FROM samples WHERE run_id = ?",
            (
                run_id,
                sample.row,
                sample.item_id,
                _storable(sample.prompt),
                _storable(sample.answer),
                sample.passed,
                _storable(sample.reason),
                sample.completion_tokens,
                sample.elapsed_s,
                sample.finish_reason,
                run_id,
            ),
        )

    def _append_row(self, run_id: str, row: Row) -> None:
        self._connection.execute(
            "INSERT INTO rows SELECT ?, COALESCE(MAX(position) + 1, 0), ? FROM rows WHERE run_id = ?",
            (run_id, _to_text(asdict(row)), run_id),
        )

    def finish(
        self, run_id: str, status: str, *, verdict: RowVerdict | None = None, note: str = ""
    ) -> RunRecord:
        """End a run: `done`, `cancelled` or `failed`. The verdict is the worst row's unless given.

        Raises:
            RunNotFound: no such run.
        """
        with self._lock, transaction(self._connection):
            record = self.get(run_id)
            ended = replace(
                record,
                status=status,
                finished_at=self.now(),
                verdict=verdict or worst(record.rows),
                note=note,
            )
            self._write_head(ended)
        return ended

    def _write_head(self, record: RunRecord) -> None:
        self._connection.execute(
            "UPDATE runs SET status = ?, process = NULL, record = ? WHERE run_id = ?",
            (record.status, _to_text(_head(record)), record.run_id),
        )

    # -------------------------------------------------------------- reading

    def list(
        self, model_digest: str | None = None, suite: str | None = None, limit: int = 200
    ) -> tuple[RunRecord, ...]:
        """Runs with their rows, newest first; of one model, or of one suite, when given."""
        with self._lock:
            heads = self._connection.execute(
                "SELECT run_id, record FROM runs WHERE (?1 IS NULL OR model_digest = ?1) "
                "AND (?2 IS NULL OR suite = ?2) ORDER BY run_id DESC LIMIT ?3",
                (model_digest, suite, limit),
            ).fetchall()
            return self._records(heads)

    def get(self, run_id: str) -> RunRecord:
        """One run with its rows; the newest when `run_id` is empty.

        Raises:
            RunNotFound: no such run.
        """
        with self._lock:
            heads = self._connection.execute(
                "SELECT run_id, record FROM runs WHERE ?1 IN ('', run_id) ORDER BY run_id DESC LIMIT 1",
                (run_id,),
            ).fetchall()
            if not heads:
                raise RunNotFound(
                    f"There is no run {run_id!r}." if run_id else "No run has been made yet.",
                    next_step="List the runs that are stored, or make one.",
                    run_id=run_id,
                )
            return self._records(heads)[0]

    def _records(self, heads: Sequence[sqlite3.Row]) -> tuple[RunRecord, ...]:
        """Full records of the runs in `heads`, with two queries however many there are."""
        wanted = (json.dumps([head["run_id"] for head in heads]),)
        rows: dict[str, list[Row]] = {}
        for found in self._connection.execute(
            "SELECT run_id, record FROM rows WHERE run_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY run_id, position",
            wanted,
        ):
            rows.setdefault(found["run_id"], []).append(_row(found["record"]))
        samples = dict(
            self._connection.execute(
                "SELECT run_id, COUNT(*) FROM samples "
                "WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id",
                wanted,
            ).fetchall()
        )
        return tuple(
            _record(
                head["record"], tuple(rows.get(head["run_id"], ())), samples.get(head["run_id"], 0)
            )
            for head in heads
        )

    def samples(self, run_id: str, row: str | None = None) -> tuple[Sample, ...]:
        """The samples of a run in the order they finished; of one row when it is named.

        Raises:
            RunNotFound: no such run.
        """
        with self._lock:
            run_id = self.get(run_id).run_id
            found = self._connection.execute(
                "SELECT * FROM samples WHERE run_id = ? AND (? IS NULL OR row = ?) ORDER BY position",
                (run_id, row, row),
            ).fetchall()
        return tuple(map(_sample, found))

    # -------------------------------------------------------------- runs nobody ended

    def _fail_orphans(self) -> None:
        with self._lock, transaction(self._connection):
            running = self._connection.execute(
                "SELECT run_id, process FROM runs WHERE status = 'running'"
            ).fetchall()
            for row in running:
                if not _still_runs(row["process"]):
                    record = self.get(row["run_id"])
                    verdict = (
                        RowVerdict.FAIL
                        if worst(record.rows) is RowVerdict.FAIL
                        else RowVerdict.NOT_RUN
                    )
                    self._write_head(
                        replace(record, status="failed", verdict=verdict, note=INTERRUPTED)
                    )


def new_run_id(moment: datetime) -> str:
    """`20261123T180405123Z-1f2e3d4c`: sorts by time, and two runs of one millisecond differ."""
    stamp = iso_utc(moment).replace("-", "").replace(":", "").replace(".", "")
    return f"{stamp}-{secrets.token_hex(4)}"


def _this_process() -> str:
    return _process_mark(os.getpid())


def _process_mark(pid: int) -> str:
    """The process id with its start time, because ids are used again."""
    import psutil  # noqa: PLC0415  # not needed to start

    return f"{pid} {psutil.Process(pid).create_time()}"


def _still_runs(mark: str | None) -> bool:
    import psutil  # noqa: PLC0415  # not needed to start

    if mark is None:
        return False
    pid, started_s = mark.split()
    try:
        # The system derives start times from its clock, which may have been set a little since.
        return abs(psutil.Process(int(pid)).create_time() - float(started_s)) < SAME_START_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _head(record: RunRecord) -> dict[str, object]:
    head = asdict(replace(record, rows=()))
    del head["rows"], head["samples"]
    return head


def _to_text(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _storable(text: str) -> str:
    """SQLite stores UTF-8; a lone surrogate from a model's half character becomes the replacement sign."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _record(text: str, rows: tuple[Row, ...], samples: int) -> RunRecord:
    head = json.loads(text)
    head["verdict"] = RowVerdict(head["verdict"])
    return RunRecord(**head, rows=rows, samples=samples)


def _row(text: str) -> Row:
    fields: dict[str, Json] = json.loads(text)
    return Row(**{**fields, "verdict": RowVerdict(str(fields["verdict"]))})  # type: ignore[arg-type]  # written by _to_text


def _sample(row: sqlite3.Row) -> Sample:
    return Sample(
        row=row["row"],
        item_id=row["item_id"],
        prompt=row["prompt"],
        answer=row["answer"],
        passed=bool(row["passed"]),
        reason=row["reason"],
        completion_tokens=row["completion_tokens"],
        elapsed_s=row["elapsed_s"],
        finish_reason=row["finish_reason"],
    )
