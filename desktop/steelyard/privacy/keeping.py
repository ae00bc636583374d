"""What is kept of a text, by the level policy sets for where it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from steelyard.privacy.records import Level
from steelyard.privacy.redaction import compile_site_patterns, redact


@dataclass(frozen=True)
class Keeper:
    """Applies one level to texts before they are stored.

    Attributes:
        site: the site's own patterns.
    """

    level: Level = Level.FULL
    site: Sequence[re.Pattern[str]] = ()

    @classmethod
    def of(cls, level: str, site_patterns: Sequence[str] = ()) -> Keeper:
        """From settings.

        Raises:
            MalformedInput: a pattern cannot be used; nothing is stored with half the patterns.
        """
        return cls(Level(level), compile_site_patterns(site_patterns))

    @property
    def keeps_records(self) -> bool:
        """False where not even the fact of a prompt is kept."""
        return self.level is not Level.NOTHING

    def text(self, text: str) -> str:
        """What may be stored of a text."""
        if self.level is Level.FULL or not text:
            return text
        return redact(text, self.site).text if self.level is Level.REDACTED else ""
