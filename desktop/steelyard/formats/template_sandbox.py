"""A Jinja environment for chat templates from outside: immutable, metered, with an allow-list for everything.

Built on `ImmutableSandboxedEnvironment`, set up as transformers does (trim_blocks, lstrip_blocks, loop
controls, `generation`, `tojson`, `raise_exception`, `strftime_now`). The parsed template is rewritten so
that every step that Jinja compiles to bare Python (`~`, slices, literals, comparisons, loop turns) passes
the meter; all other steps pass through this class anyway.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NoReturn, cast

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateAssertionError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from jinja2.visitor import NodeTransformer

from steelyard.formats.template_meter import STEP_BYTES, Meter
from steelyard.formats.template_operations import (
    ALLOWED_FILTERS,
    GUARDED_FILTERS,
    METHODS,
    Method,
    binary_operation,
    join_texts,
    scalar_key,
    stepping,
)

MAX_RANGE = 100_000
"""Jinja's own limit for sandboxed templates."""
MAX_DATE_FORMAT_CHARS = 256
MAX_TREE_NODES = 4_000
MAX_TREE_DEPTH = 45
"""Compiling is quadratic in nesting at worst. 70 published templates stay within 1,286 nodes and depth 28."""

# A space cannot stand in a filter's name in a template.
_CHARGE, _CONCAT, _KEY, _STEP, _TURN = (
    f"steelyard {name}" for name in ("charge", "concat", "key", "step", "turn")
)


class Function:
    """A function a template may call by name. Printing it tells nothing of this process."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name = name
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return self._function(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<function {self._name}>"


_OBJECTS = (Macro, LoopContext, Cycler, Joiner, Namespace, TemplateReference, BlockReference)
_CALLABLES = (Function, Method, Macro, LoopContext, Joiner, BlockReference, Undefined)
_REFUSED_STATEMENTS = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.EvalContextModifier,
)


class RaisedByTemplate(Exception):
    """The template called `raise_exception`."""


class TemplateNamespace(Namespace):
    """`namespace()`: names may not begin with an underscore, and printing it shows nothing of its content."""

    def __init__(*args: Any, **kwargs: Any) -> None:
        self, given = args[0], args[1:]
        attributes = dict(*given, **kwargs)
        for name in attributes:
            _check_attribute_name(name)
        Namespace.__init__(self, attributes)

    def __setitem__(self, name: str, value: Any) -> None:
        """Set an attribute: what `{% set ns.name = value %}` calls."""
        _check_attribute_name(name)
        super().__setitem__(name, value)

    def __repr__(self) -> str:
        # Namespaces can hold each other; printing their content could be made endless.
        return "<Namespace>"


def _check_attribute_name(name: Any) -> None:
    if not isinstance(name, str) or name.startswith("_"):
        raise SecurityError(f"a namespace cannot have the attribute {name!r}")


class GenerationTag(Extension):
    """`{% generation %}` marks the assistant's words for training; here it is only a scope."""

    tags = {"generation"}  # noqa: RUF012  # Jinja declares it as a plain set

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse up to `endgeneration`."""
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def _check_tree(template: nodes.Template) -> None:
    count, level = 0, [cast("nodes.Node", template)]
    for _ in range(MAX_TREE_DEPTH):
        count += len(level)
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level or count > MAX_TREE_NODES:
            break
    if level:
        raise TemplateAssertionError("the template is too large or nested too deeply", 1)


class _Metering(NodeTransformer):
    """Rewrites a parsed template, innermost nodes first, so that no step escapes the meter."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        if isinstance(node, _REFUSED_STATEMENTS):
            raise TemplateAssertionError(
                f"a chat template cannot use {type(node).__name__.lower()}", node.lineno
            )
        self.generic_visit(node, *args, **kwargs)
        rewrite = _REWRITES.get(type(node))
        return node if rewrite is None else rewrite(node)


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _unless_constant(node: nodes.Expr, name: str) -> nodes.Expr:
    return node if isinstance(node, nodes.Const) else _filtered(node, name)


def _charged_literal(node: nodes.List | nodes.Dict) -> nodes.Node:
    return _filtered(node, _CHARGE)


def _charged_tuple(node: nodes.Tuple) -> nodes.Node:
    constant = all(isinstance(item, nodes.Const) for item in node.items)
    return _filtered(node, _CHARGE) if node.ctx == "load" and not constant else node


def _charged_slice(node: nodes.Getitem) -> nodes.Node:
    return _filtered(node, _CHARGE) if isinstance(node.arg, nodes.Slice) else node


def _counted_concat(node: nodes.Concat) -> nodes.Node:
    return _filtered(nodes.List(node.nodes, lineno=node.lineno), _CONCAT)


def _checked_pair(node: nodes.Pair) -> nodes.Node:
    node.key = _unless_constant(node.key, _KEY)
    return node


def _counted_comparison(node: nodes.Compare) -> nodes.Node:
    node.expr = _filtered(node.expr, _STEP)
    return node


def _counted_operand(node: nodes.Operand) -> nodes.Node:
    node.expr = _unless_constant(node.expr, _STEP)
    return node


def _counted_loop(node: nodes.For) -> nodes.Node:
    if isinstance(node.test, nodes.Expr):  # Jinja annotates it as any node
        node.test = _filtered(node.test, _STEP)
    return _counted_body(node)


def _counted_body(node: nodes.For | nodes.Macro | nodes.CallBlock) -> nodes.Node:
    # Literal text is appended to a buffer without a call; a turn pays for its pieces when it begins.
    pieces = sum(1 for _ in node.find_all(nodes.TemplateData))
    turn = _filtered(nodes.Const(pieces, lineno=node.lineno), _TURN)
    node.body.insert(0, nodes.ExprStmt(turn, lineno=node.lineno))
    return node


_REWRITES: dict[type[nodes.Node], Callable[[Any], nodes.Node]] = {
    nodes.CallBlock: _counted_body,
    nodes.Compare: _counted_comparison,
    nodes.Concat: _counted_concat,
    nodes.Dict: _charged_literal,
    nodes.For: _counted_loop,
    nodes.Getitem: _charged_slice,
    nodes.List: _charged_literal,
    nodes.Macro: _counted_body,
    nodes.Operand: _counted_operand,
    nodes.Pair: _checked_pair,
    nodes.Tuple: _charged_tuple,
}


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox. `meter` is set anew for every render; a template compiles once."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self, now: Callable[[], datetime], *, guarded: bool = True) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=[GenerationTag, "jinja2.ext.loopcontrols"],
            cache_size=0,
        )
        self.meter = Meter()
        self._now = now
        functions: dict[str, Callable[..., Any]] = {
            "cycler": Cycler,
            "dict": self._dict,
            "joiner": Joiner,
            "namespace": TemplateNamespace,
            "raise_exception": self._raise_exception,
            "range": self._range,
            "strftime_now": self._strftime_now,
        }
        self.globals = {name: Function(name, function) for name, function in functions.items()}
        self.finalize = self._finalize
        self.concat = self._concat  # type: ignore[method-assign]  # Jinja declares it as "".join
        if guarded:
            # Jinja's own filters and tests run in this twin, which is as guarded in all else.
            self._plain = TemplateEnvironment(now, guarded=False)
            self.filters = self._guarded_filters()
            self.tests = {name: self._guarded_test(name) for name in self.tests}

    def begin(self, meter: Meter) -> None:
        """Count the next render with `meter`."""
        self.meter = self._plain.meter = meter

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        _check_tree(source)
        return super()._generate(_Metering().visit(source), *args, **kwargs)

    # What templates reach by name.

    def _dict(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        if args and not isinstance(args[0], Mapping):
            pairs = ((key, value) for key, value in stepping(self.meter, args[0]))
            args = ({scalar_key(key): value for key, value in pairs}, *args[1:])
        return dict(*args, **kwargs)

    def _range(self, *args: int) -> range:
        result = range(*args)
        if len(result) > MAX_RANGE:
            raise OverflowError(f"a range of more than {MAX_RANGE:,} numbers")
        return result

    def _raise_exception(self, message: object) -> NoReturn:
        raise RaisedByTemplate(str(message)[:2000])

    def _strftime_now(self, format: str) -> str:  # noqa: A002  # the name transformers gives it
        if len(format) > MAX_DATE_FORMAT_CHARS:
            raise ValueError("the date format is too long")
        return self._now().strftime(format)

    # What compiled templates call.

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An arithmetic operator."""
        return binary_operation(self.meter, operator, left, right)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`."""
        self.meter.step()
        return self._handed_out(super().getitem(obj, argument))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`."""
        self.meter.step()
        return self._handed_out(super().getattr(obj, attribute))

    def wrap_str_format(self, value: Any) -> None:
        """Nothing here: every method is wrapped in `_handed_out`, `format` too."""

    def _handed_out(self, value: Any) -> Any:
        if isinstance(value, types.BuiltinMethodType) or (
            isinstance(value, types.MethodType) and isinstance(value.__self__, str)
        ):
            return Method(self, self.meter, value)
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only listed methods of plain values, and the public attributes of Jinja's own objects."""
        if isinstance(obj, _OBJECTS):
            return super().is_safe_attribute(obj, attr, value)
        return any(isinstance(obj, kind) and attr in names for kind, names in METHODS.items())

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # Jinja's own signature: a keyword may be called `self`
        """Call something: a method handed out here, a macro, a loop, or one of the listed functions."""
        __self.meter.step()
        helper = isinstance(__obj, types.MethodType) and isinstance(
            __obj.__self__, LoopContext | Cycler
        )
        if not helper and not isinstance(__obj, _CALLABLES):
            # What no one could call is a mistake; what the sandbox will not call is an attempt.
            kind = SecurityError if callable(__obj) else TypeError
            raise kind(f"a {type(__obj).__name__} cannot be called")
        result = __context.call(__obj, *args, **kwargs)
        __self.meter.charge(result)
        return result

    @pass_context
    def _finalize(self, _context: Context, value: Any) -> str:
        text = value if isinstance(value, str) else str(value)
        self.meter.charge(text)
        return text

    def _concat(self, pieces: Iterable[str]) -> str:
        return join_texts(self.meter, pieces)

    # Filters and tests.

    def _guarded_filters(self) -> dict[str, Callable[..., Any]]:
        filters = {name: self._counted_filter(name) for name in ALLOWED_FILTERS}
        filters |= {name: self._own_filter(own) for name, own in GUARDED_FILTERS.items()}
        steps: dict[str, Callable[[Any], Any]] = {
            _CHARGE: self._charged,
            _CONCAT: lambda values: join_texts(self.meter, values),
            _KEY: scalar_key,
            _STEP: self._stepped,
            _TURN: lambda pieces: self.meter.spend(STEP_BYTES + 16 * pieces),
        }
        return filters | {name: self._own_step(step) for name, step in steps.items()}

    def _charged(self, value: Any) -> Any:
        self.meter.charge(value)
        return value

    def _stepped(self, value: Any) -> Any:
        self.meter.step()
        return value

    def _own_step(self, step: Callable[[Any], Any]) -> Callable[..., Any]:
        # Taking the context keeps Jinja from running it while it compiles.
        return pass_context(lambda _context, value: step(value))

    def _own_filter(self, own: Callable[..., Any]) -> Callable[..., Any]:
        def run(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
            self.meter.step()
            return self._counted(own(context, self.meter, value, *args, **kwargs))

        return pass_context(run)

    def _counted_filter(self, name: str) -> Callable[..., Any]:
        def run(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
            self.meter.step()
            return self._counted(
                self._plain.call_filter(name, value, args, kwargs, context=context)
            )

        return pass_context(run)

    def _guarded_test(self, name: str) -> Callable[..., Any]:
        def run(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
            self.meter.step()
            return self._plain.call_test(name, value, args, kwargs, context=context)

        return pass_context(run)

    def _counted(self, result: Any) -> Any:
        if hasattr(result, "__next__"):
            return stepping(self.meter, result)
        self.meter.charge(result)
        return result
