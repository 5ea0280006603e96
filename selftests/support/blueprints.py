"""The blueprints of frank's overlay: read with their tags, and put into a lab as Authentik's worker would."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import yaml

from lab.authentik.directory import Group, Role, Token, User, stable_uuid
from lab.authentik.providers import Application, OAuth2Provider, PolicyBinding, RedirectURI
from lab.world import World
from selftests.support.manifests import DEPLOY, LOADER

FOLDER = DEPLOY / "overlays" / "frank" / "authentik"
FILES = ("sso-conformance.yaml", "access.yaml")
SUITE = "sso-conformance"
# No object, but an order: apply another blueprint first. FILES are in that order.
APPLYING = "authentik_blueprints.metaapplyblueprint"

Entry = dict[str, Any]


@dataclass(frozen=True)
class Tag:
    """A value that Authentik finds out when it applies the blueprint: `!Env NAME`, `!KeyOf id`, `!Find […]`."""

    name: str
    argument: Any


class Loader(LOADER):
    """YAML with Authentik's tags."""


def _tag(loader: Loader, suffix: str, node: yaml.Node) -> Tag:
    if isinstance(node, yaml.SequenceNode):
        return Tag(suffix, loader.construct_sequence(node, deep=True))
    assert isinstance(node, yaml.ScalarNode)
    return Tag(suffix, loader.construct_scalar(node))


Loader.add_multi_constructor("!", _tag)


def entries(name: str) -> list[Entry]:
    """The entries of one of the blueprints."""
    loaded = yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader)
    assert loaded["version"] == 1
    found: list[Entry] = loaded["entries"]
    return found


def objects(name: str) -> list[Entry]:
    """The entries of one of the blueprints that are objects of Authentik's."""
    return [entry for entry in entries(name) if entry["model"] != APPLYING]


def permissions() -> list[str]:
    """What the role of the probe identity holds."""
    (role,) = (entry for entry in entries(FILES[0]) if entry["model"] == "authentik_rbac.role")
    held: list[str] = role["attrs"]["permissions"]
    return held


def environment(world: World) -> dict[str, str]:
    """The worker's environment that the blueprint reads, with the lab's credentials."""
    drawn = world.secrets
    return {
        "SSO_CONFORMANCE_API_TOKEN": drawn.api_token,
        "SSO_CONFORMANCE_GATE_APP_PASSWORD": drawn.gate_app_password,
        "SSO_CONFORMANCE_PROBE_PASSWORD": drawn.probe_password,
        "SSO_CONFORMANCE_EXCLUDED_PASSWORD": drawn.user_password,
        "SSO_CONFORMANCE_CLIENT_SECRET": drawn.conformance_client_secret,
    }


def plant(world: World) -> None:
    """Put the blueprints' identity in place of the one that the lab was seeded with."""
    _forget(world)
    # frank's Infisical is open to everybody: its first binding would be the suite's, and shut the others out.
    world.authentik.applications["infisical"].bindings.clear()
    known: dict[str, Any] = {}
    for entry in (entry for name in FILES for entry in objects(name)):
        resolve = partial(_resolved, world, known, environment(world))
        values = resolve(entry["identifiers"]) | resolve(entry["attrs"])
        known[entry.get("id", "")] = _MAKERS[entry["model"]](world, values)


def _forget(world: World) -> None:
    directory, applications = world.authentik.directory, world.authentik.applications
    for username in ("svc-sso-conformance", "conformance-probe"):
        user = directory.user(username)
        assert user is not None
        for application in applications.values():
            application.bindings = [binding for binding in application.bindings if binding.user != user.pk]
        directory.remove_user(user)
    for table in (directory.groups, directory.roles):
        for pk in [pk for pk, row in table.items() if row.name == SUITE]:
            del table[pk]
    del world.authentik.providers[applications.pop(SUITE).provider or 0]


def _resolved(world: World, known: dict[str, Any], given: dict[str, str], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(world, known, given, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(world, known, given, inner) for inner in value]
    if not isinstance(value, Tag):
        return value
    if value.name == "Env":
        return given[value.argument]
    if value.name == "KeyOf":
        return known[value.argument]
    assert value.name == "Find", value.name
    model, (field, wanted) = value.argument
    rows = [row for row in _TABLES[model](world) if getattr(row, field) == wanted]
    assert len(rows) == 1, f"{model} with {field} {wanted}: {len(rows)}"
    return rows[0].pk


_TABLES = {
    "authentik_core.application": lambda world: world.authentik.applications.values(),
    "authentik_core.user": lambda world: world.authentik.directory.users.values(),
    "authentik_crypto.certificatekeypair": lambda world: world.authentik.certificates.values(),
    "authentik_flows.flow": lambda world: world.authentik.flows.values(),
    "authentik_providers_oauth2.scopemapping": lambda world: world.authentik.scope_mappings.values(),
}


def _role(world: World, values: Entry) -> str:
    role = Role(stable_uuid("role", values["name"]), values["name"], set(values["permissions"]))
    world.authentik.directory.roles[role.pk] = role
    return role.pk


def _group(world: World, values: Entry) -> str:
    group = Group(stable_uuid("group", values["name"]), **values)
    world.authentik.directory.groups[group.pk] = group
    return group.pk


def _user(world: World, values: Entry) -> int:
    directory = world.authentik.directory
    return directory.add_user(User(directory.next_user_pk(), joined=world.clock.started, **values)).pk


def _token(world: World, values: Entry) -> str:
    token = Token(**values)
    world.authentik.directory.tokens[token.identifier] = token
    return token.pk


def _provider(world: World, values: Entry) -> int:
    pk = max(world.authentik.providers) + 1
    uris = [RedirectURI(**uri) for uri in values.pop("redirect_uris")]
    world.authentik.providers[pk] = OAuth2Provider(pk, redirect_uris=uris, **values)
    return pk


def _application(world: World, values: Entry) -> str:
    application = Application(stable_uuid("application", values["slug"]), **values)
    world.authentik.applications[application.slug] = application
    return application.pk


def _binding(world: World, values: Entry) -> str:
    wanted = values.pop("target")
    (target,) = (row for row in world.authentik.applications.values() if row.pk == wanted)
    target.bindings.append(PolicyBinding(stable_uuid("binding", f"{target.slug} {values['user']}"), **values))
    return target.bindings[-1].pk


_MAKERS = {
    "authentik_rbac.role": _role,
    "authentik_core.group": _group,
    "authentik_core.user": _user,
    "authentik_core.token": _token,
    "authentik_core.application": _application,
    "authentik_providers_oauth2.oauth2provider": _provider,
    "authentik_policies.policybinding": _binding,
}
