"""Lists of the API: filters, search, ordering and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from lab.authentik.api.call import Body, Call, RefusedCallError, Reply, Row

_DEFAULT_SIZE: Final = 20
_MAXIMUM_SIZE: Final = 100

Filter = Callable[[Row, list[str]], bool]


def equals(value: Callable[[Row], Any]) -> Filter[Row]:
    """Keep rows whose value reads as the last one asked for; None never does."""
    return lambda row, wanted: (found := value(row)) is not None and str(found) == wanted[-1]


def contains(value: Callable[[Row], str]) -> Filter[Row]:
    """Keep rows that contain the text, whatever the case."""
    return lambda row, wanted: wanted[-1].lower() in value(row).lower()


def one_of(value: Callable[[Row], str]) -> Filter[Row]:
    """Keep rows whose value is among those asked for."""
    return lambda row, wanted: value(row) in wanted


def truth(value: Callable[[Row], bool]) -> Filter[Row]:
    """Keep rows by a yes or no; anything but true and false keeps all."""

    def keep(row: Row, wanted: list[str]) -> bool:
        answer = {"true": True, "false": False}.get(wanted[-1].lower())
        return answer is None or value(row) == answer

    return keep


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """How rows of one kind are listed: their JSON shape, orderings ("-" reverses), filters and search."""

    shape: Callable[[Call, Row], Body]
    order: Mapping[str, Callable[[Row], Any]]
    default: str
    filters: Mapping[str, Filter[Row]] = field(default_factory=dict)
    search: Sequence[Callable[[Row], str]] = ()
    autocomplete: Callable[[Call], Body] = lambda _: {}

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
            rows = [row for row in rows if any(word in text(row).lower() for text in self.search)]
        return rows

    def _sorted(self, call: Call, rows: list[Row]) -> list[Row]:
        asked = [name for name in call.query("ordering").split(",") if name.lstrip("-") in self.order]
        for name in reversed(asked or [self.default]):
            rows = sorted(rows, key=self.order[name.lstrip("-")], reverse=name.startswith("-"))
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
