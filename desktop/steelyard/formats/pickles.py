"""Recognises Python pickles by their bytes, under any name; nothing is unpickled.

Lists of forbidden opcodes or modules are known to be bypassed, so a pickle is refused for being one. The
opcodes are read with `pickletools`, which interprets nothing.
"""

from __future__ import annotations

import io
import itertools
import pickletools
import re
from collections.abc import Iterator

WINDOW_BYTES = 64 * 1024
_MOST_OPCODES = 4000
_ENOUGH_OPCODES = 4
"""After a PROTO opcode, three more that parse: random bytes manage that once in some thousand files."""

_MANY_OPCODES = 50
_FILLS = frozenset({"SETITEM", "SETITEMS", "APPEND", "APPENDS", "TUPLE", "DICT", "LIST"})
_RUNS_CODE = frozenset({"REDUCE", "BUILD", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "STACK_GLOBAL"})
_NAMES_CODE = frozenset({"GLOBAL", "INST"})
_DOTTED_NAMES = re.compile(r"[\w.]+ [\w.]+")


def is_pickle(head: bytes, *, whole: bool) -> bool:
    """Does a file that begins with `head` load as a pickle, as far as can be told?

    Args:
        head: the first `WINDOW_BYTES`, or all of a shorter file.
        whole: True when `head` is the whole file.
    """
    seen: set[str] = set()
    count, names = 0, False
    for opcode, argument in _plausible_opcodes(head):
        count += 1
        seen.add(opcode.name)
        names = names or (
            opcode.name in _NAMES_CODE and _DOTTED_NAMES.fullmatch(str(argument)) is not None
        )
    stopped, runs = "STOP" in seen, bool(seen & _RUNS_CODE)
    if len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5:
        return count >= _ENOUGH_OPCODES or stopped
    if (names and (runs or stopped)) or (runs and stopped):
        return True
    # Older protocols have no mark. What anyone keeps weights in begins as a dict, list or tuple, and parses
    # to its end, or for far longer than text does.
    if head[:1] not in (b"(", b"}", b"]"):
        return False
    if whole:
        return stopped and count >= _ENOUGH_OPCODES and head.rstrip().endswith(b".")
    return count >= _MANY_OPCODES and bool(seen & _FILLS)


def _plausible_opcodes(head: bytes) -> Iterator[tuple[pickletools.OpcodeInfo, object]]:
    """The opcodes up to the first that the unpickler could not follow with the stack it has by then."""
    stack: list[bool] = []  # True is a mark
    try:
        for opcode, argument, _ in itertools.islice(
            pickletools.genops(io.BytesIO(head)), _MOST_OPCODES
        ):
            if not _pop(stack, opcode):
                return
            stack.extend(item is pickletools.markobject for item in opcode.stack_after)
            yield opcode, argument
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
        # The window ended inside an argument, or these are no opcodes.
        return


def _pop(stack: list[bool], opcode: pickletools.OpcodeInfo) -> bool:
    """Take from the stack what an opcode takes; False when it is not there."""
    if opcode.name == "POP":
        # The one opcode that takes a mark as it takes anything else.
        del stack[-1:]
        return True
    before = opcode.stack_before
    taken = len(before)
    if pickletools.markobject in before:
        if True not in stack:
            return False
        while not stack.pop():
            pass
        taken = before.index(pickletools.markobject)
    if len(stack) < taken or True in stack[len(stack) - taken :]:
        return False
    del stack[len(stack) - taken :]
    return True
