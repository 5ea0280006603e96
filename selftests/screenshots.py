"""`python -m selftests.screenshots FOLDER`: what people see of the reports, as pictures to be looked at.

Runs the lab healthy with a browser, and with three faults, and photographs the pages: light, dark, a phone's width,
without JavaScript, and as print; the pictures of the first run are opened. Nothing here passes or fails.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser

from selftests.support.browser import opened, started

ROOT: Final = Path(__file__).parents[1]
SECONDS: Final = 120
FAULTS: Final = ("authentik-host-blank", "redirect-uri-with-a-slash", "external-secret-renamed-key")
DESK: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
# A name, the page's whole length or its first screen, and how the browser stands to it.
VIEWS: Final[tuple[tuple[str, bool, dict[str, Any]], ...]] = (
    ("first-screen", False, {"viewport": DESK, "java_script_enabled": False}),
    ("light", True, {"viewport": DESK}),
    ("dark", True, {"viewport": DESK, "color_scheme": "dark"}),
    ("phone", True, {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}),
    ("no-script", True, {"viewport": DESK, "java_script_enabled": False}),
)
# Where pages run no scripts, these still do.
_PICTURES: Final = """() => {
  for (const seen of document.querySelectorAll("details:has(.seen), .seen")) seen.open = true;
  for (const picture of document.images) picture.loading = "eager";
}"""


def main(target: Path) -> None:
    """Run, look, and name each picture."""
    target.mkdir(parents=True, exist_ok=True)
    reports = target / "reports"
    run(reports, "--browser")
    healthy = (reports / "latest").resolve() / "report.html"
    run(reports, *(option for fault in FAULTS for option in ("--lab-fault", fault)))
    broken = (reports / "latest").resolve() / "report.html"
    pages = {"healthy": healthy, "three-roots": broken, "index": (reports / "index.html").resolve()}
    with started() as browser:
        for name, page in pages.items():
            photograph(browser, page, target, name)


def run(reports: Path, *options: str) -> None:
    """One run against the lab; its own output goes through."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lab", "--reports", str(reports)]
    subprocess.run([*command, *options], cwd=ROOT, timeout=SECONDS, check=False)


def photograph(browser: Browser, page: Path, target: Path, name: str) -> None:
    """Every view of one page, and its print."""
    for view, whole, how in VIEWS:
        with opened(browser, page.as_uri(), **how) as shown:
            shown.evaluate(_PICTURES)
            shown.screenshot(path=target / f"{name}-{view}.png", full_page=whole)
    with opened(browser, page.as_uri()) as shown:
        shown.pdf(path=target / f"{name}.pdf", format="A4", print_background=True)
    print(f"{target}/{name}-*.png, {name}.pdf")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".screenshots"))
