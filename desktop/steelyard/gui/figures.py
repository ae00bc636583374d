"""Numbers as the window writes them: the locale's separators, GiB everywhere, whole words for times."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QLocale

GIB = 1 << 30
_KIB = 1 << 10
_MIB = 1 << 20
MISSING = "–"
"""Stands in a number column where there is no number."""


def ensure_separators() -> None:
    """Where the environment names no locale, write numbers as English does; the C locale joins all digits."""
    if QLocale().language() == QLocale.Language.C:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))


def count(value: int) -> str:
    """`1,204`."""
    return QLocale().toString(value)


def decimal(value: float, places: int = 1) -> str:
    """`41.2`, with the locale's point."""
    return QLocale().toString(float(value), "f", places)


def signed(value: float, places: int = 1) -> str:
    """`+7.5` or `−2.0`, with a true minus sign."""
    return ("+" if value >= 0 else "−") + decimal(abs(value), places)


def gib(size_bytes: int) -> str:
    """`4.58`: GiB without the unit, for columns whose header names it."""
    return decimal(size_bytes / GIB, 2)


def gib_fine(size_bytes: int) -> str:
    """`4.58`, and `0.0037` below a hundredth, so that a small file is not 0.00."""
    return gib(size_bytes) if size_bytes >= GIB // 100 else decimal(size_bytes / GIB, 4)


def size(size_bytes: int) -> str:
    """`4.58 GiB`; below a hundredth of a GiB in MiB, KiB or bytes, so that small files are not 0.00."""
    if size_bytes >= GIB // 100:
        return f"{gib(size_bytes)} GiB"
    if size_bytes >= _MIB:
        return f"{decimal(size_bytes / _MIB, 1)} MiB"
    if size_bytes >= _KIB:
        return f"{decimal(size_bytes / _KIB, 1)} KiB"
    return f"{count(size_bytes)} B"


def sizes(done_bytes: int, total_bytes: int) -> tuple[str, str]:
    """`("1.20", "4.58 GiB")`: an amount and its total in the total's unit, which is written once."""
    total = size(total_bytes)
    for unit, factor in (("GiB", GIB), ("MiB", _MIB), ("KiB", _KIB)):
        if total.endswith(unit):
            return decimal(done_bytes / factor, 2 if unit == "GiB" else 1), total
    return count(done_bytes), total


def speed(bytes_per_s: float) -> str:
    """`85.2 MiB/s`."""
    return f"{decimal(bytes_per_s / _MIB, 1)} MiB/s"


def parameters(number: int | None) -> str:
    """`8.03 B` (thousand millions) or `3.7 M`; a dash when not known."""
    if number is None:
        return MISSING
    if number >= 1_000_000_000:
        return f"{decimal(number / 1e9, 2)} B"
    if number >= 1_000_000:
        return f"{decimal(number / 1e6, 1)} M"
    return count(number)


def tokens_short(tokens: int) -> str:
    """`16k` for a power of two in thousands, else the number."""
    return f"{tokens // 1024}k" if tokens >= 1024 and tokens % 1024 == 0 else count(tokens)


def percent(share: float, places: int = 0) -> str:
    """`93 %` from 0.93."""
    return f"{decimal(share * 100, places)} %"


def duration(seconds: float) -> str:
    """`8.4 s`, `4 min 12 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{decimal(seconds, 1)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def time_left(seconds: float) -> str:
    """`6 min left`, coarse on purpose."""
    if seconds < 60:
        words = f"{max(1, round(seconds))} s"
    elif seconds < 3600:
        words = f"{round(seconds / 60)} min"
    else:
        words = f"{decimal(seconds / 3600, 1)} h"
    return QCoreApplication.translate("Figures", "{0} left").format(words)


def moment(iso: str, *, seconds: bool = True) -> str:
    """An RFC 3339 time of the log as `18 Nov 14:02:11` in this machine's zone."""
    local = datetime.fromisoformat(iso).astimezone()
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{_day(local)} {clock}"


def day(iso: str | None, *, today: datetime | None = None) -> str:
    """`today`, `14 Nov` or `3 Sep 2025`; a dash when there is none."""
    if iso is None:
        return MISSING
    local = datetime.fromisoformat(iso).astimezone()
    now = (today or datetime.now(UTC)).astimezone()
    if local.date() == now.date():
        return QCoreApplication.translate("Figures", "today")
    return _day(local) if local.year == now.year else f"{_day(local)} {local.year}"


def clock_or_day(iso: str, *, today: datetime | None = None) -> str:
    """`14:02` when it was today, else the day, as `day`: for lists that are read newest first."""
    local = datetime.fromisoformat(iso).astimezone()
    now = (today or datetime.now(UTC)).astimezone()
    return local.strftime("%H:%M") if local.date() == now.date() else day(iso, today=today)


def _day(local: datetime) -> str:
    month = QLocale().monthName(local.month, QLocale.FormatType.ShortFormat)
    return f"{local.day} {month.rstrip('.')}"


def short_digest(digest: str) -> str:
    """`sha256:9c41e07b…52ad`, or `9c41e07b…52ad` where the algorithm is not written."""
    scheme, colon, rest = digest.rpartition(":")
    return f"{scheme}{colon}{rest[:8]}…{rest[-4:]}" if len(rest) > 13 else digest
