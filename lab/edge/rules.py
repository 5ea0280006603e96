"""Traefik's rule language: parsed once for each distinct text into a function of the request.

What version 3.7 makes of each form is recorded in selftests/contract/traefik/rules.jsonl, by its own code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Facts:
    """What rules can ask about a request; `host` is lower case and without a port, `path` still encoded."""

    host: str
    path: str
    method: str = "GET"
    query: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def values(self, header: str) -> list[str]:
        """The values of a header, whatever its case."""
        return [value for name, value in self.headers if name.lower() == header.lower()]


Matcher = Callable[[Facts], bool]


class RuleError(Exception):
    """The text is no rule."""


def _host(name: str) -> Matcher:
    wanted = name.lower().rstrip(".")
    return lambda facts: facts.host == wanted


def _wildcard_host(name: str) -> Matcher:
    """`*.` before a domain stands for one label, `*` alone for every host."""
    if name == "*":
        return lambda _: True
    wanted = name.lower().rstrip(".")
    if not wanted.startswith("*."):
        return _host(name)
    compiled = re.compile(rf"[^.]+{re.escape(wanted[1:])}")
    return lambda facts: compiled.fullmatch(facts.host) is not None


def _host_regexp(pattern: str) -> Matcher:
    compiled = _expression(pattern)
    return lambda facts: compiled.search(facts.host) is not None


def _expression(pattern: str) -> re.Pattern[str]:
    """One of Go's, as Python has it: without look-around, and with `\\z` for the end."""
    if re.search(r"\(\?<?[=!]", pattern):
        raise RuleError(f"Go has no look-around: {pattern}")
    return re.compile(pattern.replace(r"\z", r"\Z"))


def _path(path: str) -> Matcher:
    _need_slash(path)
    return lambda facts: facts.path == path


def _need_slash(path: str) -> None:
    if not path.startswith("/"):
        raise RuleError(f"path {path!r} does not start with a slash")


def _path_prefix(prefix: str) -> Matcher:
    _need_slash(prefix)
    return lambda facts: facts.path.startswith(prefix)


def _path_regexp(pattern: str) -> Matcher:
    compiled = _expression(pattern)
    return lambda facts: compiled.search(facts.path) is not None


def _method(method: str) -> Matcher:
    return lambda facts: facts.method == method.upper()


def _header(name: str, value: str) -> Matcher:
    return lambda facts: value in facts.values(name)


def _header_regexp(name: str, pattern: str) -> Matcher:
    compiled = _expression(pattern)
    return lambda facts: any(compiled.search(value) for value in facts.values(name))


def _query(name: str, value: str = "") -> Matcher:
    return lambda facts: value in parse_qs(facts.query, keep_blank_values=True).get(name, ())


def _query_regexp(name: str, pattern: str = "") -> Matcher:
    if not pattern:
        return _query(name)
    compiled = _expression(pattern)
    return lambda facts: any(
        compiled.search(value) for value in parse_qs(facts.query, keep_blank_values=True).get(name, ())
    )


_MATCHERS: Final[dict[str, Callable[..., Matcher]]] = {
    "host": _host,
    "wildcardhost": _wildcard_host,
    "hostregexp": _host_regexp,
    "path": _path,
    "pathprefix": _path_prefix,
    "pathregexp": _path_regexp,
    "method": _method,
    "header": _header,
    "headerregexp": _header_regexp,
    "query": _query,
    "queryregexp": _query_regexp,
}
# How many arguments each takes; a list of alternatives, as in version 2, is none (facts/measured-2026.8.md).
_ARGUMENTS: Final = {"header": (2,), "headerregexp": (2,), "query": (1, 2), "queryregexp": (1, 2)}
_HOSTS: Final = ("host", "wildcardhost", "hostregexp")
_LINE: Final = ("symbol", "\n")
_BLANK: Final = re.compile(r"(?:[ \t\r]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TOKEN: Final = re.compile(r'(&&|\|\||!|\(|\)|,|\n)|([A-Za-z]+)|`([^`]*)`|"((?:[^"\\\n]|\\.)*)"')


@dataclass
class _Parser:
    """Recursive descent; `||` binds weaker than `&&`, `!` strongest."""

    tokens: list[tuple[str, str]]
    wildcards: bool
    position: int = 0

    def expression(self) -> Matcher:
        alternatives = [self.conjunction()]
        while self.accept("||"):
            alternatives.append(self.conjunction())
        return _any(alternatives)

    def conjunction(self) -> Matcher:
        terms = [self.term()]
        while self.accept("&&"):
            terms.append(self.term())
        return terms[0] if len(terms) == 1 else lambda facts: all(term(facts) for term in terms)

    def term(self) -> Matcher:
        if self.accept("!"):
            negated = self.term()
            return lambda facts: not negated(facts)
        if self.accept("("):
            inside = self.expression()
            self.expect(")")
            return inside
        return self.call()

    def call(self) -> Matcher:
        name = self.take("name").lower()
        self.expect("(")
        arguments = [self.take("text")]
        while self.accept(",") and self.tokens[self.position : self.position + 1] != [("symbol", ")")]:
            arguments.append(self.take("text"))
        self.expect(")")
        return _matcher("wildcardhost" if self.wildcards and name == "host" else name, arguments)

    def accept(self, symbol: str) -> bool:
        found = self.position < len(self.tokens) and self.tokens[self.position] == ("symbol", symbol)
        self.position += found
        return found

    def expect(self, symbol: str) -> None:
        if not self.accept(symbol):
            raise RuleError(f"expected {symbol!r} at token {self.position + 1}")

    def take(self, kind: str) -> str:
        if self.position >= len(self.tokens) or self.tokens[self.position][0] != kind:
            raise RuleError(f"expected a {kind} at token {self.position + 1}")
        self.position += 1
        return self.tokens[self.position - 1][1]


def _any(alternatives: list[Matcher]) -> Matcher:
    if len(alternatives) == 1:
        return alternatives[0]
    return lambda facts: any(alternative(facts) for alternative in alternatives)


def _matcher(name: str, arguments: list[str]) -> Matcher:
    make = _MATCHERS.get(name)
    if make is None:
        raise RuleError(f"unsupported function: {name}")
    if any(not argument or (name in _HOSTS and not argument.isascii()) for argument in arguments):
        raise RuleError(f"bad arguments of {name}: empty, or not in ASCII")
    takes = _ARGUMENTS.get(name, (1,))
    if len(arguments) not in takes:
        expected = " ".join(map(str, takes))
        raise RuleError(f"unexpected number of parameters; got {len(arguments)}, expected one of [{expected}]")
    try:
        return make(*arguments)
    except re.error as error:
        raise RuleError(f"bad arguments of {name}: {error}") from error


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        blank = _BLANK.match(text, position)
        position = blank.end() if blank else position
        match = _TOKEN.match(text, position)
        if match is None and position < len(text):
            raise RuleError(f"cannot read the rule at character {position + 1}")
        if match is None:
            break
        position = match.end()
        if match[0] != "\n" or _ends_there(found):
            found.append(_token(match))
    while found[-1:] == [_LINE]:
        found.pop()
    return found


def _ends_there(tokens: list[tuple[str, str]]) -> bool:
    """Whether Go takes the end of a line for the end of the expression (The Go Programming Language, Semicolons)."""
    return bool(tokens) and (tokens[-1][0] in ("name", "text") or tokens[-1] == ("symbol", ")"))


def _token(match: re.Match[str]) -> tuple[str, str]:
    symbol, name, raw, quoted = match.groups()
    if symbol is not None:
        return "symbol", symbol
    if name is not None:
        return "name", name
    return "text", raw if raw is not None else quoted.encode("ascii", "backslashreplace").decode("unicode_escape")


@lru_cache(maxsize=4096)
def compile_rule(text: str, *, wildcards: bool = True) -> Matcher:
    """The rule as a function of a request's facts. Raises RuleError when the text is no rule.

    Without `wildcards` (before Traefik 3.7) an asterisk in Host is a character like any other.
    """
    parser = _Parser(_tokens(text), wildcards)
    if not parser.tokens:
        raise RuleError("the rule is empty")
    matcher = parser.expression()
    if parser.position != len(parser.tokens):
        raise RuleError(f"unexpected token {parser.position + 1}")
    return matcher


# A rule that begins so, and has no alternative, takes requests for that host alone.
_ONE_HOST: Final = re.compile(r"Host\(`([^`*]+)`\)(?: && [^|]*)?")


def sole_host(rule: str) -> str:
    """The host whose requests alone a rule takes; empty where it may take others' as well."""
    only = _ONE_HOST.fullmatch(rule)
    return only[1].lower().rstrip(".") if only else ""
