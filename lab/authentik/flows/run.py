"""One step of a flow: the stage at hand, the session's plan, and what every challenge says about the flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from lab.authentik.accounts import User
from lab.authentik.api.avatars import avatar
from lab.authentik.exchange import Exchange
from lab.authentik.flows.model import Flow, Stage
from lab.authentik.providers import Application
from lab.authentik.sessions import Plan, Session

Challenge = dict[str, Any]
_BACKGROUND: Final = "/static/dist/assets/images/flow_background.jpg"


def launch_url(exchange: Exchange, application: Application) -> str:
    """Where the application is opened: what is configured, else the origin of its provider."""
    if application.meta_launch_url:
        return application.meta_launch_url
    provider = exchange.state.providers.get(application.provider or 0)
    if provider is None or not provider.uris():
        return ""
    parts = urlsplit(provider.uris()[0].url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class Run:
    """What a stage works with. `query` are the parameters of the page the browser is on."""

    exchange: Exchange
    flow: Flow
    session: Session
    plan: Plan
    query: dict[str, str]

    @property
    def stage(self) -> Stage:
        """The stage at hand."""
        return self.plan.stages[0]

    @property
    def user(self) -> User | None:
        """The account that the flow is about; None for a name that nobody has."""
        if self.plan.user is None:
            return None
        return self.exchange.state.directory.users.get(self.plan.user)

    @property
    def application(self) -> Application | None:
        """The application that the browser comes from."""
        return self.exchange.state.applications.get(self.session.application)

    @property
    def next_url(self) -> str:
        """Where the browser goes afterwards; never to another host."""
        wanted = self.query.get("next", "")
        parts = urlsplit(wanted)
        return wanted if wanted and not parts.scheme and not parts.netloc else ""

    def challenge(self, component: str, errors: Challenge | None = None, **more: Any) -> Challenge:  # noqa: ANN401
        """A challenge of this flow, with the errors of the response before."""
        application = self.application
        title = self.flow.title.replace("%(app)s", application.name if application else "")
        head: Challenge = {
            "flow_info": {
                "title": title,
                "background": self.flow.background or _BACKGROUND,
                "background_themed_urls": None,
                "cancel_url": self._cancel_url,
                "layout": self.flow.layout,
            },
            "component": component,
        }
        if errors:
            head["response_errors"] = errors
        return head | more

    @property
    def _cancel_url(self) -> str:
        return "/flows/-/cancel/" + (f"?next={quote(self.next_url, safe='')}" if self.next_url else "")

    def pending(self) -> Challenge:
        """How a challenge names the user it is about."""
        name = self.user.name if self.user else self.plan.identifier
        username = self.user.username if self.user else self.plan.identifier
        return {"pending_user": username, "pending_user_avatar": avatar(name or username)}

    def denied(self, message: str | None = None) -> Challenge:
        """The end of a flow that may not go on."""
        return self.challenge("ak-stage-access-denied", **self.pending(), error_message=message)


def refusal(field: str, text: str, code: str = "invalid") -> Challenge:
    """The errors of one field, as challenges carry them."""
    return {field: [{"string": text, "code": code}]}


def page_query(exchange: Exchange) -> dict[str, str]:
    """The parameters of the page that the browser is on, which it repeats in `query`."""
    return dict(parse_qsl(exchange.query.get("query", ""), keep_blank_values=True))
