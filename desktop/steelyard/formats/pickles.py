"""Recognises Python pickles by their bytes, under any name; nothing is unpickled.

Lists of forbidden opcodes or modules are known to be bypassed, so a pickle is refused for being one. The
opcodes are read with `pickletools`, which interprets nothing.
"""

from __future__ import annotations

import io
import pickletools
import re

WINDOW_BYTES = 64 * 1024
_MOST_OPCODES = 4000
_ENOUGH_OPCODES = 4
"""After a PROTO opcode, three more that parse: random bytes manage that once in some thousand files."""

_RUNS_CODE = frozenset({"REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "STACK_GLOBAL"})
_NAMES_CODE = frozenset({"GLOBAL", "INST"})
_DOTTED_NAMES = re.compile(r"[\w.]+ [\w.]+")


def is_pickle(head: bytes, *, whole: bool) -> bool:
    """Does a file that begins with `head` load as a pickle, as far as can be told?

    Args:
        head: the first `WINDOW_BYTES`, or all of a shorter file.
        whole: True when `head` is the whole file.
    """
    count, names, runs, stopped = 0, False, False, False
    try:
        for opcode, argument, _ in pickletools.genops(io.BytesIO(head)):
            count += 1
            names = names or (
                opcode.name in _NAMES_CODE and _DOTTED_NAMES.fullmatch(str(argument)) is not None
            )
            runs = runs or opcode.name in _RUNS_CODE
            if opcode.name == "STOP":
                stopped = True
            if count >= _MOST_OPCODES:
                break
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
        # The window ended inside an argument, or these are no opcodes.
        pass
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return count >= _ENOUGH_OPCODES or stopped
    if (names and (runs or stopped)) or (runs and stopped):
        return True
    # Older protocols have no mark: a text that happens to parse must do so to its very end.
    return stopped and whole and count >= _ENOUGH_OPCODES and _is_container(head)


def _is_container(head: bytes) -> bool:
    # A dict, list or tuple by its first opcode: what anyone would keep weights in.
    return head[:1] in b"(}]" and head.rstrip().endswith(b".")
