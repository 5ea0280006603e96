"""`python -m selftests.screenshots FOLDER`: what people see of the reports, as pictures to be looked at.

Runs the lab healthy with a browser, with three faults, with warnings alone, with what cannot be verified, and with
fifty applications more, and photographs the pages: light, dark, a phone's width, without JavaScript, and as print; the
pictures of the first run are opened. Nothing here passes or fails.
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
RUNS: Final[dict[str, tuple[str, ...]]] = {
    "healthy": ("--browser",),
    "three-roots": (
        "--lab-fault=authentik-host-blank",
        "--lab-fault=redirect-uri-with-a-slash",
        "--lab-fault=external-secret-renamed-key",
    ),
    "degraded": ("--lab-fault=api-token-ends-soon", "--lab-fault=host-variable-of-the-old-domain"),
    "partial": ("--lab-shape=captcha-before-the-login",),
    "fifty": (
        "--lab-applications=25",
        "--lab-fault=redirect-uri-with-a-slash",
        "--lab-fault=middleware-missing-on-route",
    ),
}
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
    pages = {name: run(reports, *options) for name, options in RUNS.items()}
    pages["index"] = (reports / "index.html").resolve()
    with started() as browser:
        for name, page in pages.items():
            photograph(browser, page, target, name)


def run(reports: Path, *options: str) -> Path:
    """The page of one run against the lab, whose own output goes through."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--lab", "--reports", str(reports)]
    subprocess.run([*command, *options], cwd=ROOT, timeout=SECONDS, check=False)
    return (reports / "latest").resolve() / "report.html"


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
