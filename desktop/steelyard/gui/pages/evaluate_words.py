"""Titles of the shipped suites and their rows in words that can be translated."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from steelyard.gui.names import display_name


def suite_title(suite: str, title: str) -> str:
    """A suite's title; its own words where it is not one of ours."""
    translate = QCoreApplication.translate
    return {
        "fast-gate": translate("Suites", "Fast gate"),
        "starter-check": translate("Suites", "Starter check"),
    }.get(suite, display_name(title))


def row_title(name: str, title: str) -> str:
    """A row's title; its own words where it is not one of ours."""
    translate = QCoreApplication.translate
    return {
        "load-and-digest": translate("Suites", "Loads, and is the very file"),
        "template-sanity": translate("Suites", "Chat template is sound"),
        "json-schema": translate("Suites", "Valid JSON when held to it"),
        "determinism": translate("Suites", "Same seed, same answer"),
        "throughput": translate("Suites", "Writes at a usable speed"),
        "instruction-following": translate("Suites", "Follows instructions"),
        "cite-context": translate("Suites", "Cites the right source"),
        "refusal": translate("Suites", "Refuses what it must"),
        "over-refusal": translate("Suites", "Answers what it may"),
        "json-unconstrained": translate("Suites", "Valid JSON when asked"),
        "looping": translate("Suites", "Does not loop"),
        "stays-in-german": translate("Suites", "Stays in German"),
        "answers-then-stops": translate("Suites", "Answers, then stops"),
        "token-ids": translate("Suites", "Same tokens as when it was made"),
        "repeat": translate("Suites", "Repeats exactly"),
        "json": translate("Suites", "JSON with given keys"),
        "context": translate("Suites", "Answers from context"),
        "sum": translate("Suites", "Small sums"),
        "bullets": translate("Suites", "Lists of n items"),
        "upper": translate("Suites", "Upper case"),
        "language": translate("Suites", "German and French"),
        "identity": translate("Suites", "Says what it is"),
    }.get(name, display_name(title))
