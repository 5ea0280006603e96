"""The HTML pages that a browser or a probe gets to see; their text is Authentik's, their looks are not."""

from __future__ import annotations

import html
import json
from typing import Final

from lab.authentik.accounts import User

_FRAME: Final = (
    "<!DOCTYPE html>\n<html lang='en'><head><meta charset='UTF-8'><title>{title}</title>{head}</head>\n<body>"
    "<ak-skip-to-content></ak-skip-to-content><ak-message-container></ak-message-container>{content}"
    "</body></html>\n"
)
_INTERFACES: Final = {
    "admin": "<ak-interface-admin></ak-interface-admin>",
    "user": "<ak-interface-user></ak-interface-user>",
}
# What the page of a flow loads, and what an inline script tells it (facts/browser.md, sections 3 and 7).
_FLOW_HEAD: Final = (
    "<link rel='icon' href='/static/dist/assets/icons/icon.svg'>"
    "<link rel='stylesheet' href='/static/dist/styles/interface-{version}.css'>"
    "<script>window.authentik = {config};</script>"
    "<script type='module' src='/static/dist/flow/FlowInterface-{version}.js'></script>"
)
_FLOW: Final = (
    "<ak-drawer><ak-flow-executor slug='{slug}'><ak-brand-links></ak-brand-links></ak-flow-executor>"
    "<ak-flow-inspector></ak-flow-inspector></ak-drawer>"
)


def _frame(content: str, title: str = "authentik", head: str = "") -> str:
    return _FRAME.format(title=html.escape(title), content=content, head=head)


def error(headline: str, text: str = "") -> str:
    """The error page: what went wrong, the way home."""
    body = f"<h1>{html.escape(headline)}</h1>" + (f"<p>{html.escape(text)}</p>" if text else "")
    return _frame(f"<main>{body}<a href='/'>Go home</a></main><footer>Powered by authentik</footer>")


def not_found() -> str:
    """The page of a 404."""
    return error("Not Found")


def permission_denied(user: User | None) -> str:
    """The page of a denied application; Authentik sends it with status 200."""
    who = f"<p>{html.escape(user.username)} <a href='/flows/-/cancel/'>Not you?</a></p>" if user else ""
    content = (
        f"<main><h1>Permission denied</h1>{who}<p>Request has been denied.</p><a href='/'>Go home</a></main>"
        "<footer>Powered by authentik</footer>"
    )
    return _frame(content, "Permission denied - authentik")


def interface(name: str) -> str:
    """The shell of the admin or user interface."""
    return _frame(_INTERFACES[name])


def flow(slug: str, version: str, base: str) -> str:
    """The shell in which a browser walks through a flow; it says nothing about the flow's stages.

    `base` is the origin at which Authentik believes to be reached: the page's script asks the API there.
    """
    config = json.dumps({"api": {"base": f"{base}/"}, "flowsContinuousLogin": False})
    head = _FLOW_HEAD.format(version=html.escape(version), config=config)
    return _frame(_FLOW.format(slug=html.escape(slug)), head=head)
