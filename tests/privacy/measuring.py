"""Precision and recall of the detectors over the labelled set. `python -m privacy.measuring` prints the table."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass

from privacy.labelled import Labelled, generate
from steelyard.privacy.records import Kind
from steelyard.privacy.redaction import find


@dataclass
class Score:
    """Counts of one kind in one language. A stretch counts as found when nothing of it would be stored but
    marks and blanks; as half found (missed) otherwise."""

    wanted: int = 0
    found: int = 0
    claimed: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share of the labelled stretches of which nothing remains."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that touch a labelled stretch."""
        return self.right / self.claimed if self.claimed else 1.0


def measure(texts: tuple[Labelled, ...]) -> dict[tuple[str, Kind], Score]:
    """Scores by language and kind."""
    scores: dict[tuple[str, Kind], Score] = defaultdict(Score)
    for each in texts:
        findings = find(each.text)
        covered = {at for one in findings for at in range(one.start, one.end)}
        for kind, start, end in each.spans:
            score = scores[each.language, kind]
            score.wanted += 1
            score.found += all(
                at in covered or not each.text[at].isalnum() for at in range(start, end)
            )
        for one in findings:
            score = scores[each.language, one.kind]
            score.claimed += 1
            score.right += any(one.start < end and start < one.end for _, start, end in each.spans)
    return dict(scores)


if __name__ == "__main__":
    for (language, kind), score in sorted(measure(generate(4000)).items()):
        sys.stdout.write(
            f"{language} {kind:14} recall {score.recall:.3f} of {score.wanted:4}   "
            f"precision {score.precision:.3f} of {score.claimed:4}\n"
        )
