"""The command line: nouns and verbs over the same operations the window calls.

Data goes to stdout, talk to stderr. With `--json` stdout is exactly one JSON document.
"""
