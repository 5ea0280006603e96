"""Less is given to the suite, or other people are let in: what leads into the estate is another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lab import seeded
from lab.authentik.accounts import Group, stable_uuid
from lab.authentik.flows.model import AUTHENTICATION, Stage
from lab.authentik.providers import PolicyBinding
from lab.registry import Table
from lab.shapes import shape
from lab.world import World


def _without_token(estate: Table) -> None:
    del estate["authentik"]["token"]


@shape("no-api-token", describe=_without_token)
def no_api_token(_: World) -> None:
    """Nobody gave the suite a token of Authentik's API."""


def _without_cluster(estate: Table) -> None:
    del estate["cluster"]
    estate["suite"]["vantage"] = "outside"


@shape("no-cluster-access", describe=_without_cluster)
def no_cluster_access(_: World) -> None:
    """A laptop outside the cluster, without a kubeconfig: Services and pods are out of reach as well."""


def _for_few(estate: Table) -> None:
    estate["probe_user"]["applications"] = ["grafana", "infisical", "longhorn", "sympozium", "whoami"]
    estate["excluded_user"]["applications"] += ["grafana", "longhorn"]
    estate["service_account"]["applications"] = ["longhorn", "whoami"]


@shape("policies-of-many-kinds", describe=_for_few)
def policies_of_many_kinds(world: World) -> None:
    """Applications for administrators alone, bindings that have to agree, negated ones, one that is off, a group
    that others are in by their own, and a flow with a deny stage (Authentik's documentation: Policies, bindings)."""
    authentik, directory = world.authentik, world.authentik.directory
    admins, bob = seeded.group(world, "platform-admins").pk, seeded.user(world, "bob").pk
    wide = Group(stable_uuid("group", "everybody-and-programs"), "everybody-and-programs")
    directory.groups[wide.pk] = wide
    for name in ("developers", "sso-conformance", "platform-admins"):
        seeded.group(world, name).parents.append(wide.pk)
    not_bob = {"user": bob, "negate": True}
    nobody = {"policy": lambda _directory, _user: False}
    _deny_in_its_flow(world, "infisical", bob)
    rules: tuple[tuple[str, str, list[dict[str, Any]]], ...] = (
        ("argocd", "any", [{"group": admins}, nobody]),
        ("hubble", "all", [{"group": wide.pk}, {"group": admins}]),
        ("grafana", "all", [not_bob, {"group": wide.pk}, {**nobody, "enabled": False}]),
        ("longhorn", "all", [{"policy": lambda _directory, user: user.is_active}, not_bob, {"group": wide.pk}]),
    )
    for slug, mode, bindings in rules:
        authentik.applications[slug].policy_engine_mode = mode
        authentik.applications[slug].bindings = [
            PolicyBinding(stable_uuid("binding", f"{slug} {order}"), order=order, **binding)
            for order, binding in enumerate(bindings)
        ]


def _deny_in_its_flow(world: World, slug: str, user: int) -> None:
    """In place of the application's own bindings: its authorization flow has a deny stage for one user."""
    authentik, provider = world.authentik, seeded.provider(world, slug)
    usual = authentik.flow(provider.authorization_flow)
    assert usual is not None
    deny = Stage(stable_uuid("stage", f"deny {slug}"), f"deny-{slug}", "deny", {"users": [user]})
    own = f"authorize-{slug}"
    flow = replace(usual, pk=stable_uuid("flow", own), slug=own, name=own, stages=[deny, *usual.stages])
    authentik.flows[own], provider.authorization_flow = flow, flow.pk
    authentik.applications[slug].bindings = []


@shape("captcha-before-the-login")
def captcha_before_the_login(world: World) -> None:
    """The login flow has a captcha stage: people log in, and no program does."""
    settings = {"public_key": "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"}
    stage = Stage(stable_uuid("stage", "login-captcha"), "login-captcha", "captcha", settings)
    world.authentik.flows[AUTHENTICATION].stages.insert(-1, stage)
