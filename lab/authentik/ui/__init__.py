"""The files that the page of a flow loads, under the names of the real ones (facts/browser.md, sections 0 and 7)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_STAGES: Final = "/static/dist/src/flow/stages/"
_SCRIPT: Final = "text/javascript; charset=utf-8"


def file(path: str, version: str) -> tuple[bytes, str] | None:
    """The file at a path under /static/, and its type; None where there is none. Entry files carry the release."""
    entries = {
        f"/static/dist/flow/FlowInterface-{version}.js": ("flow.js", _SCRIPT),
        f"/static/dist/styles/interface-{version}.css": ("interface.css", "text/css; charset=utf-8"),
        "/static/dist/assets/icons/icon.svg": ("icon.svg", "image/svg+xml"),
    }
    stages = {f"{_STAGES}{stage.name}": (f"stages/{stage.name}", _SCRIPT) for stage in (_HERE / "stages").glob("*.js")}
    name, media_type = (entries | stages).get(path, ("", ""))
    return ((_HERE / name).read_bytes(), media_type) if name else None
