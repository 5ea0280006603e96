"""Lists of the API: filters, search, ordering and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, Generic

from lab.authentik.api.call import Body, Call, RefusedCallError, Reply, Row, missing

_DEFAULT_SIZE: Final = 20
_MAXIMUM_SIZE: Final = 100

Value = str | Callable[[Row], Any]
"""What is read of a row: the attribute of that name, or what the function makes of it."""

Filter = Callable[[Row, list[str]], bool]


def _reader(value: Value[Row]) -> Callable[[Row], Any]:
    return attrgetter(value) if isinstance(value, str) else value


def equals(value: Value[Row]) -> Filter[Row]:
    """Keep rows whose value reads as the last one asked for; None never does."""
    read = _reader(value)
    return lambda row, wanted: (found := read(row)) is not None and str(found) == wanted[-1]


def same(*names: str) -> dict[str, Filter[Any]]:
    """Filters that are called as the attribute that they compare."""
    return {name: equals(name) for name in names}


def contains(value: Value[Row]) -> Filter[Row]:
    """Keep rows that contain the text, whatever the case."""
    read = _reader(value)
    return lambda row, wanted: wanted[-1].lower() in read(row).lower()


def alike(value: Value[Row]) -> Filter[Row]:
    """Keep rows whose value is the text, whatever the case."""
    read = _reader(value)
    return lambda row, wanted: wanted[-1].lower() == read(row).lower()


def one_of(value: Value[Row]) -> Filter[Row]:
    """Keep rows whose value is among those asked for."""
    read = _reader(value)
    return lambda row, wanted: read(row) in wanted


def truth(value: Value[Row]) -> Filter[Row]:
    """Keep rows by a yes or no; anything but true and false keeps all."""
    read = _reader(value)

    def keep(row: Row, wanted: list[str]) -> bool:
        answer = {"true": True, "false": False}.get(wanted[-1].lower())
        return answer is None or read(row) == answer

    return keep


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """The objects of one kind: who sees which `rows`, their JSON `shape`, how a list of them is ordered and narrowed.

    `order` are the attributes one can sort by ("-" reverses), the first one unasked, unless `default` says otherwise;
    `computed` are orderings by what is no attribute. `model` is how a 404 calls one of them, `key` the attribute by
    which a path names it, `readable` whether a text can be such a key at all.
    """

    shape: Callable[[Call, Row], Body]
    rows: Callable[[Call], list[Row]]
    order: tuple[str, ...]
    default: str = ""
    computed: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    filters: Mapping[str, Filter[Row]] = field(default_factory=dict)
    search: Sequence[Value[Row]] = ()
    autocomplete: Callable[[Call], Body] = lambda _: {}
    model: str = ""
    key: str = "pk"
    readable: Callable[[str], bool] = bool

    def all(self, call: Call) -> Reply:
        """The page of a list that the query asks for."""
        return self.page(call, self.rows(call))

    def one(self, call: Call) -> Row:
        """The row that the path names. Raises the 404, which names the model only where the key can be one."""
        rows, key = self.rows(call), call.argument(self.key)
        if not self.readable(key):
            raise missing()
        return call.one(self.model, rows, lambda row: str(getattr(row, self.key)) == key)

    def detail(self, call: Call) -> Reply:
        """The row that the path names, in its JSON shape."""
        return Reply(self.shape(call, self.one(call)))

    def page(self, call: Call, rows: list[Row], keep: Callable[[Row], bool] | None = None) -> Reply:
        """The page that the query asks for; `keep` drops rows after counting, as Authentik's policies do."""
        chosen = self._sorted(call, self._filtered(call, rows))
        number, size, pages = self._place(call, len(chosen))
        start = (number - 1) * size
        shown = chosen[start : start + size]
        results = [self.shape(call, row) for row in shown if keep is None or keep(row)]
        pagination = {
            "next": number + 1 if number < pages else 0,
            "previous": number - 1,
            "count": len(chosen),
            "current": number,
            "total_pages": pages,
            "start_index": start + 1 if shown else 0,
            "end_index": start + len(shown),
        }
        return Reply({"pagination": pagination, "results": results, "autocomplete": self.autocomplete(call)})

    def _filtered(self, call: Call, rows: list[Row]) -> list[Row]:
        query = call.request.query_params
        for name, keep in self.filters.items():
            wanted = [value for value in query.getlist(name) if value]
            if wanted:
                rows = [row for row in rows if keep(row, wanted)]
        for word in query.get("search", "").lower().split():
            texts = [_reader(text) for text in self.search]
            rows = [row for row in rows if any(word in text(row).lower() for text in texts)]
        return rows

    def _sorted(self, call: Call, rows: list[Row]) -> list[Row]:
        by: dict[str, Callable[[Row], Any]] = {name: attrgetter(name) for name in self.order}
        by.update(self.computed)
        asked = [name for name in call.query("ordering").split(",") if name.lstrip("-") in by]
        for name in reversed(asked or [self.default or next(iter(by))]):
            rows = sorted(rows, key=by[name.lstrip("-")], reverse=name.startswith("-"))
        return rows

    def _place(self, call: Call, count: int) -> tuple[int, int, int]:
        asked = call.query("page_size")
        size = min(int(asked), _MAXIMUM_SIZE) if asked.isdecimal() and int(asked) else _DEFAULT_SIZE
        pages = max(1, -(-count // size))
        page = call.query("page", "1")
        number = pages if page == "last" else int(page) if page.isdecimal() else 0
        if not 1 <= number <= pages:
            raise RefusedCallError(404, {"detail": "Invalid page."})
        return number, size, pages
