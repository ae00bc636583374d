"""Make the fingerprint of a license text: one file under `fingerprints`, without the text.

    python resources/licenses/fingerprint.py TEXT --license mit --title "MIT License"

TEXT may carry the markup of the SPDX license templates for passages a copy may lack and blanks it fills in;
see `steelyard.licenses.templates`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from steelyard.base.errors import SteelyardError
from steelyard.licenses.fingerprints import LICENSE, POLICY
from steelyard.licenses.templates import fingerprint_of


def main() -> int:
    """Write the fingerprint and say where it is; the exit code is that of the error, if any."""
    parser = argparse.ArgumentParser(description="Make the fingerprint of a license text.")
    parser.add_argument("text", type=Path, help="the license text, UTF-8, with or without markup")
    parser.add_argument("--license", required=True, help="the identifier it is a text of")
    parser.add_argument("--name", help="unique name of this text (default: the identifier)")
    parser.add_argument("--policy", action="store_true", help="a use policy of that license")
    parser.add_argument("--title", action="append", default=[], help="a heading copies may carry")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "fingerprints")
    choices = parser.parse_args()
    name = choices.name or (f"{choices.license}/use-policy" if choices.policy else choices.license)
    try:
        fingerprint = fingerprint_of(
            choices.text.read_text(encoding="utf-8"),
            name=name,
            license_id=choices.license,
            kind=POLICY if choices.policy else LICENSE,
            titles=choices.title,
        )
    except SteelyardError as error:
        sys.stderr.write(f"{error.diagnosis()}\n")
        return int(error.exit_code)
    target = choices.into / f"{name.replace('/', '--')}.json"
    target.write_text(json.dumps(fingerprint.as_json(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target}: {fingerprint.word_count} words\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
