"""Applications that share a host, each below a path of its own; and Authentik below one."""

from __future__ import annotations

from typing import Any, Final

from lab import names, seeded
from lab.arrangements import put_object, put_route
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE, TRAEFIK, host_rule
from lab.registry import Table, described
from lab.shapes import shape
from lab.shapes.outposts import describe_own_outpost, standalone_outpost
from lab.world import World

HOST: Final = f"ops.{names.DOMAIN}"
BELOW: Final = "/longhorn"
WEB_PATH: Final = "/auth"
_STRIPS: Final = "strip-longhorn"


def _below_a_path(estate: Table) -> None:
    longhorn = described(estate, "longhorn")
    longhorn["url"] = f"https://{HOST}{BELOW}"


@shape("gate-below-a-path", describe=_below_a_path)
def gate_below_a_path(world: World) -> None:
    """Longhorn and its gate live below a path of a host that others, without a gate, have the other paths of."""
    cluster = world.cluster
    provider = seeded.gate(world, "longhorn")
    provider.external_host = f"https://{HOST}{BELOW}"
    provider.follow_external_host()
    strips = {"stripPrefix": {"prefixes": [BELOW]}}
    put_object(world, TRAEFIK, "Middleware", _STRIPS, MIDDLEWARE_NAMESPACE, spec=strips)
    (rule,) = cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"]
    rule["match"] = f"{host_rule(HOST)} && PathPrefix(`{BELOW}`)"
    # The gate sees the whole path, the application what is left of it.
    rule["middlewares"].append({"name": _STRIPS, "namespace": MIDDLEWARE_NAMESPACE})
    put_route(world, "ops", "grafana", f"{host_rule(HOST)} && PathPrefix(`/status`)", {"name": "grafana", "port": 80})


def _with_path(value: Any) -> Any:  # noqa: ANN401
    """The same text, list or table, with the path after Authentik's address wherever that stands."""
    if isinstance(value, str):
        return value.replace(names.AUTH_URL, names.AUTH_URL + WEB_PATH)
    if isinstance(value, list):
        return [_with_path(each) for each in value]
    return {key: _with_path(each) for key, each in value.items()} if isinstance(value, dict) else value


def _authentik_below(estate: Table) -> None:
    describe_own_outpost(estate)
    estate |= _with_path(estate)
    estate["authentik"]["url"] += WEB_PATH


@shape("authentik-below-a-path", describe=_authentik_below)
def authentik_below_a_path(world: World) -> None:
    """Authentik is below a path of its host (AUTHENTIK_WEB__PATH); a standalone outpost judges, which serves there."""
    standalone_outpost(world)
    world.authentik.rules.web_path = WEB_PATH
    for application in world.applications.by_name.values():
        for name in ("issuer", "authorize_url", "token_url", "userinfo_url", "discovery"):
            setattr(application, name, _with_path(getattr(application, name)))
    cluster = world.cluster
    cluster.rewrite(_with_path)
    for name in ("authentik-server", "authentik-worker"):
        seeded.container(world, "authentik", name)["env"].append(
            {"name": "AUTHENTIK_WEB__PATH", "value": f"{WEB_PATH}/"}
        )
