"""`ak shell`: a small interpreter for the Python that people type into Authentik's Django shell.

It reads statements with `ast` and carries out assignments, calls, loops, conditions, comprehensions and printing;
the models it knows are `Token` and `User` (shell_models). Nothing is handed to Python's own `exec`, and names that
begin with an underscore cannot be reached.

Is there something smaller? No. `exec` would run in the process of the tests whatever a name of an estate file smuggled
into a script, which is what the self-tests of the suite's scripts have to notice. asteval (tried: 1.0.10) hands out
`open`, and words each error itself, with the arguments of the call: neither what Django's shell says nor fit to be
shown. RestrictedPython compiles for `exec` and wants a guard for each attribute, item and assignment.
"""

from __future__ import annotations

import ast
import json
import operator
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar, Final

from lab.cluster.shell_models import ModelError, TokenIntents, TokenRow, Tokens, users
from lab.cluster.state import Value
from lab.world import World

MODULES: Final = frozenset(
    {"authentik.core.models", "datetime", "django.utils.timezone", "django.utils", "json", "sys"}
)
_BINARY: Final[dict[type[ast.operator], Callable[[Value, Value], Value]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Mod: operator.mod,
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Value, Value], Value]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}


class Model:
    """A model class of the shell: all that is used of it is `objects`."""

    def __init__(self, objects: Value) -> None:
        self.objects = objects


class Module:
    """A module somebody imported; its members are those of the shell's namespace."""

    def __init__(self, **members: Value) -> None:
        self.__dict__.update(members)


class Shell:
    """One run of the shell; what it prints is collected in `output`."""

    def __init__(self, world: World) -> None:
        self.output: list[str] = []
        timezone = Module(now=world.clock.now, timedelta=timedelta)
        self.names: dict[str, Value] = {
            "Token": Model(Tokens(world)),
            "User": Model(users(world)),
            "TokenIntents": TokenIntents,
            "print": self._print,
            "now": world.clock.now,
            "timezone": timezone,
            "timedelta": timedelta,
            "json": Module(dumps=lambda value: json.dumps(value, default=str)),
            "exit": lambda *_: None,
            "True": True,
            **{builtin.__name__: builtin for builtin in (len, str, list, dict, sorted, bool, int, repr)},
        }

    def run(self, code: str) -> None:
        """Carry out a script. Raises ModelError with the last line of the traceback Python would print."""
        try:
            tree = ast.parse(code)
        except SyntaxError as error:
            raise ModelError(f"SyntaxError: {error.msg}") from error
        try:
            self._block(tree.body)
        except (TypeError, AttributeError, KeyError, ValueError, IndexError) as error:
            raise ModelError(f"{type(error).__name__}: {error}") from error

    def _print(self, *values: Value, sep: str = " ", end: str = "\n", **_stream: Value) -> None:
        self.output.append(sep.join(str(value) for value in values) + end)

    def _block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Assign(targets=targets, value=value):
                result = self._value(value)
                for target in targets:
                    self._assign(target, result)
            case ast.Expr(value=value):
                self._value(value)
            case ast.For(target=target, body=body) as loop:
                for item in self._value(loop.iter):
                    self._assign(target, item)
                    self._block(body)
            case ast.If(test=test, body=body, orelse=orelse):
                self._block(body if self._value(test) else orelse)
            case ast.Pass():
                pass
            case _:
                raise ModelError(f"NotImplementedError: this shell knows no {type(node).__name__}")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
            if module not in MODULES:
                raise ModelError(f"ModuleNotFoundError: No module named '{module}'")
            if isinstance(node, ast.Import):
                continue
            if alias.name not in self.names:
                raise ModelError(f"ImportError: cannot import name '{alias.name}' from '{module}'")
            self.names[alias.asname or alias.name] = self.names[alias.name]

    def _assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = value
            case ast.Tuple(elts=elements):
                for element, part in zip(elements, value, strict=True):
                    self._assign(element, part)
            case ast.Attribute(value=owner, attr=name) if isinstance(row := self._value(owner), TokenRow):
                row.write(name, value)
            case ast.Subscript(value=owner, slice=key) if isinstance(held := self._value(owner), dict | list):
                held[self._value(key)] = value
            case _:
                raise ModelError("SyntaxError: cannot assign to this")

    def _value(self, node: ast.expr) -> Value:
        for kind, evaluate in self._EVALUATE.items():
            if isinstance(node, kind):
                return evaluate(self, node)
        raise ModelError(f"NotImplementedError: this shell knows no {type(node).__name__}")

    def _name(self, node: ast.Name) -> Value:
        if node.id not in self.names:
            raise ModelError(f"NameError: name '{node.id}' is not defined")
        return self.names[node.id]

    def _joined(self, node: ast.JoinedStr) -> str:
        return "".join(str(self._value(part)) for part in node.values)

    def _elements(self, node: ast.Tuple | ast.List) -> Value:
        values = [self._value(element) for element in node.elts]
        return tuple(values) if isinstance(node, ast.Tuple) else values

    def _dict(self, node: ast.Dict) -> Value:
        pairs = zip(node.keys, node.values, strict=True)
        return {self._value(key): self._value(value) for key, value in pairs if key}

    def _binary(self, node: ast.BinOp) -> Value:
        return _BINARY[type(node.op)](self._value(node.left), self._value(node.right))

    def _compare(self, node: ast.Compare) -> Value:
        left = self._value(node.left)
        for sign, right_node in zip(node.ops, node.comparators, strict=True):
            right = self._value(right_node)
            if not _COMPARE[type(sign)](left, right):
                return False
            left = right
        return True

    def _logical(self, node: ast.BoolOp) -> Value:
        value: Value = None
        for part in node.values:
            value = self._value(part)
            if bool(value) is isinstance(node.op, ast.Or):
                break
        return value

    def _unary(self, node: ast.UnaryOp) -> Value:
        operand = self._value(node.operand)
        return not operand if isinstance(node.op, ast.Not) else -operand

    def _comprehend(self, node: ast.ListComp | ast.GeneratorExp) -> list[Value]:
        generator, found = node.generators[0], []
        for item in self._value(generator.iter):
            self._assign(generator.target, item)
            if all(self._value(condition) for condition in generator.ifs):
                found.append(self._value(node.elt))
        return found

    def _attribute(self, owner: Value, name: str) -> Value:
        if name.startswith("_"):
            raise ModelError(f"AttributeError: '{name}' is private")
        if isinstance(owner, TokenRow) and name not in ("save", "delete"):
            return owner.read(name)
        return getattr(owner, name)

    def _call(self, node: ast.Call) -> Value:
        function = self._value(node.func)
        positional: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                positional.extend(self._value(argument.value))
            else:
                positional.append(self._value(argument))
        named = {keyword.arg: self._value(keyword.value) for keyword in node.keywords if keyword.arg}
        return function(*positional, **named)

    # Expressions by their kind; the order does not matter, no kind is another's.
    _EVALUATE: ClassVar[dict[type[ast.expr], Callable[[Shell, Value], Value]]] = {
        ast.Constant: lambda _self, node: node.value,
        ast.Name: _name,
        ast.Attribute: lambda self, node: self._attribute(self._value(node.value), node.attr),
        ast.Call: _call,
        ast.JoinedStr: _joined,
        ast.FormattedValue: lambda self, node: self._value(node.value),
        ast.Tuple: _elements,
        ast.List: _elements,
        ast.Dict: _dict,
        ast.Subscript: lambda self, node: self._value(node.value)[self._value(node.slice)],
        ast.BinOp: _binary,
        ast.Compare: _compare,
        ast.BoolOp: _logical,
        ast.UnaryOp: _unary,
        ast.IfExp: lambda self, node: self._value(node.body if self._value(node.test) else node.orelse),
        ast.ListComp: _comprehend,
        ast.GeneratorExp: _comprehend,
    }
