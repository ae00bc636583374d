"""A suite file's JSON, field by field: each has its type, none is left over, a complaint names its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, TypeVar

from steelyard.base.errors import Json
from steelyard.evals.errors import SuiteMalformed

Wanted = TypeVar("Wanted")


class Fields:
    """One JSON object. Take every field it may have, then call `done`.

    Args:
        value: what stands there; anything but an object is refused.
        where: its place for complaints, such as `fast-gate: items[3].grader`.

    Raises:
        SuiteMalformed: from every method, when the field is missing or of another type.
    """

    def __init__(self, value: Json, where: str) -> None:
        self.where = where
        if not isinstance(value, dict):
            raise SuiteMalformed(f"{where} is not a JSON object.", where=where)
        self._left = dict(value)

    def refuse(self, why: str) -> NoReturn:
        """Say what is wrong with this object."""
        raise SuiteMalformed(
            f"{self.where} {why}.", next_step="Correct the suite file.", where=self.where
        )

    def has(self, name: str) -> bool:
        """Whether the field is there and is not null."""
        return self._left.get(name) is not None

    def take(self, name: str, kind: type[Wanted]) -> Wanted:
        """The field, which must be there and of this type; a Boolean is not a number."""
        value = self._left.pop(name, None)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(f"needs {name!r} as {kind.__name__}")
        return value

    def value(self, name: str) -> Json:
        """The field, whatever its type; it must be there."""
        if name not in self._left:
            self.refuse(f"needs {name!r}")
        return self._left.pop(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A text, or the default where the field is absent or null."""
        if default is not None and not self.has(name):
            self._left.pop(name, None)
            return default
        return self.take(name, str)

    def share(self, name: str) -> float:
        """A number from 0 to 1."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.refuse(f"needs {name!r} as a number from 0 to 1")
        return float(value)

    def positive(self, name: str) -> int:
        """A whole number of at least 1."""
        value = self.take(name, int)
        if value < 1:
            self.refuse(f"needs {name!r} as a positive number")
        return value

    def flag(self, name: str) -> bool:
        """A Boolean; False where the field is absent."""
        return self.take(name, bool) if self.has(name) else False

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where the field is absent."""
        return tuple(self._listed(name, str))

    def whole_numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers; empty where the field is absent."""
        return tuple(self._listed(name, int))

    def text_lists(self, name: str) -> tuple[tuple[str, ...], ...]:
        """A list of non-empty lists of texts; empty where the field is absent."""
        outer = self._listed(name, list)
        if any(not inner or not all(isinstance(text, str) for text in inner) for inner in outer):
            self.refuse(f"needs {name!r} as lists of texts")
        return tuple(tuple(inner) for inner in outer)

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects; empty where the field is absent."""
        found = self._listed(name, dict)
        return tuple(Fields(item, f"{self.where}.{name}[{i}]") for i, item in enumerate(found))

    def mapping(self, name: str) -> Mapping[str, Json]:
        """An object whose keys are free; empty where the field is absent."""
        return self.take(name, dict) if self.has(name) else {}

    def child(self, name: str) -> Fields:
        """An object, to be read field by field."""
        return Fields(self.take(name, dict), f"{self.where}.{name}")

    def names(self) -> tuple[str, ...]:
        """The names of the fields not taken yet."""
        return tuple(self._left)

    def rest(self) -> dict[str, Json]:
        """Every field not taken yet."""
        left, self._left = self._left, {}
        return left

    def done(self) -> None:
        """Refuse fields nobody took; a null one is harmless."""
        extra = sorted(name for name, value in self._left.items() if value is not None)
        if extra:
            self.refuse(f"has fields this version does not know: {', '.join(extra)}")

    def _listed(self, name: str, kind: type[Wanted]) -> list[Wanted]:
        if not self.has(name):
            self._left.pop(name, None)
            return []
        values = self.take(name, list)
        if any(
            not isinstance(v, kind) or (isinstance(v, bool) and kind is not bool) for v in values
        ):
            self.refuse(f"needs {name!r} as a list of {kind.__name__}")
        return values
