"""Laying one text beside another by their windows of words: which words are the same, in the same order.

Neither text needs to be at hand as text: equal windows have equal hashes. Anchors are windows that occur
once on each side (Bram Cohen's patience diff); between anchors the same is done again, and small
remaining gaps are compared in full. The time grows with the length of the texts, not their product.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from steelyard.licenses.words import WINDOW_WORDS

_FULL_COMPARISON_CELLS = 40_000
_MOST_ROUNDS = 6


@dataclass(frozen=True)
class Run:
    """Words `left .. left+length` of one text equal words `right .. right+length` of the other."""

    left: int
    right: int
    length: int


def align(left: Sequence[int], right: Sequence[int]) -> list[Run]:
    """Runs of equal words in two texts given as window hashes, in order and without overlap.

    Args:
        left, right: `window_hashes` of the two texts.

    Returns:
        Runs counted in words, rising on both sides. A word that was repeated, dropped or changed on one side
        is in no run; so are equal words that stand in groups of fewer than a window between changes.
    """
    windows = _merge(_anchored(left, right, (0, len(left)), (0, len(right)), _MOST_ROUNDS))
    return _as_words(windows)


def _anchored(
    left: Sequence[int],
    right: Sequence[int],
    left_span: tuple[int, int],
    right_span: tuple[int, int],
    rounds: int,
) -> list[Run]:
    if left_span[0] >= left_span[1] or right_span[0] >= right_span[1]:
        return []
    pairs = _common_once(left, right, left_span, right_span)
    anchors = _grown(pairs, left, right, left_span, right_span)
    if not anchors:
        return _in_full(left, right, left_span, right_span)
    if rounds == 0:
        return anchors
    result: list[Run] = []
    left_at, right_at = left_span[0], right_span[0]
    for run in [*anchors, Run(left_span[1], right_span[1], 0)]:
        gap_left, gap_right = (left_at, run.left), (right_at, run.right)
        result += _anchored(left, right, gap_left, gap_right, rounds - 1)
        if run.length:
            result.append(run)
        left_at, right_at = run.left + run.length, run.right + run.length
    return result


def _common_once(
    left: Sequence[int],
    right: Sequence[int],
    left_span: tuple[int, int],
    right_span: tuple[int, int],
) -> list[tuple[int, int]]:
    """Pairs of positions of windows that occur once on each side, thinned to those that rise on both."""
    right_counts = Counter(right[right_span[0] : right_span[1]])
    right_place = {
        right[j]: j for j in range(right_span[0], right_span[1]) if right_counts[right[j]] == 1
    }
    shared = [i for i in range(left_span[0], left_span[1]) if left[i] in right_place]
    left_counts = Counter(left[i] for i in shared)
    once = [i for i in shared if left_counts[left[i]] == 1]
    if not once:  # the left text holds everything twice, such as two copies: take the first
        first = {left[i]: i for i in reversed(shared)}
        once = sorted(first.values())
    return _longest_rising([(i, right_place[left[i]]) for i in once])


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Longest subsequence that rises in the second place; the first already does (patience sorting)."""
    tops: list[int] = []
    top_pair: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        if pile == len(tops):
            tops.append(place)
            top_pair.append(index)
        else:
            tops[pile] = place
            top_pair[pile] = index
        before.append(top_pair[pile - 1] if pile else -1)
    chain: list[tuple[int, int]] = []
    at = top_pair[-1] if top_pair else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _grown(
    pairs: list[tuple[int, int]],
    left: Sequence[int],
    right: Sequence[int],
    left_span: tuple[int, int],
    right_span: tuple[int, int],
) -> list[Run]:
    """Extend each anchor both ways over equal windows, not past its neighbours."""
    runs: list[Run] = []
    left_floor, right_floor = left_span[0], right_span[0]
    for i, j in pairs:
        if i < left_floor or j < right_floor:
            continue  # inside the run before
        start_i, start_j = i, j
        while (
            start_i > left_floor
            and start_j > right_floor
            and left[start_i - 1] == right[start_j - 1]
        ):
            start_i -= 1
            start_j -= 1
        end_i, end_j = i + 1, j + 1
        while end_i < left_span[1] and end_j < right_span[1] and left[end_i] == right[end_j]:
            end_i += 1
            end_j += 1
        runs.append(Run(start_i, start_j, end_i - start_i))
        left_floor, right_floor = end_i, end_j
    return runs


def _in_full(
    left: Sequence[int],
    right: Sequence[int],
    left_span: tuple[int, int],
    right_span: tuple[int, int],
) -> list[Run]:
    if (left_span[1] - left_span[0]) * (right_span[1] - right_span[0]) > _FULL_COMPARISON_CELLS:
        return []
    matcher = SequenceMatcher(
        None,
        left[left_span[0] : left_span[1]],
        right[right_span[0] : right_span[1]],
        autojunk=False,
    )
    return [
        Run(left_span[0] + block.a, right_span[0] + block.b, block.size)
        for block in matcher.get_matching_blocks()
        if block.size
    ]


def _merge(runs: list[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and (last.left + last.length, last.right + last.length) == (run.left, run.right):
            merged[-1] = Run(last.left, last.right, last.length + run.length)
        else:
            merged.append(run)
    return merged


def _as_words(windows: list[Run]) -> list[Run]:
    """From runs of windows to runs of words: each gains the rest of its last window, then overlaps are cut.

    Two runs overlap on one side only where words were repeated or dropped on the other; cutting the second
    leaves exactly those words unmatched.
    """
    runs: list[Run] = []
    left_end = right_end = 0
    for run in windows:
        length = run.length + WINDOW_WORDS - 1
        cut = max(0, left_end - run.left, right_end - run.right)
        if cut < length:
            runs.append(Run(run.left + cut, run.right + cut, length - cut))
            left_end, right_end = run.left + length, run.right + length
    return runs
