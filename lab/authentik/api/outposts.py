"""/outposts/instances/ and what outposts themselves ask for."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Final

from packaging.version import InvalidVersion, Version
from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, invalid, moment
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, alike, contains, equals
from lab.authentik.api.provider_bodies import common_body
from lab.authentik.durations import duration
from lab.authentik.outpost.model import Outpost, OutpostInstance, outpost_config
from lab.world import World


def _provider_object(call: Call, pk: int) -> Body:
    # An outpost sees its providers by their base model only.
    base = {"component": "", "verbose_name": "provider", "verbose_name_plural": "providers"}
    return {**common_body(call, call.state.providers[pk]), **base, "meta_model_name": "authentik_core.provider"}


def _connection(outpost: Outpost) -> Body | None:
    """The way to the cluster in which the worker deploys the outpost (by Authentik's API schema, not recorded)."""
    if outpost.service_connection is None:
        return None
    return {
        "pk": outpost.service_connection,
        "name": "Local Kubernetes Cluster",
        "local": True,
        "component": "ak-service-connection-kubernetes-form",
        "verbose_name": "Kubernetes Service-Connection",
        "verbose_name_plural": "Kubernetes Service-Connections",
        "meta_model_name": "authentik_outposts.kubernetesserviceconnection",
    }


def _body(call: Call, outpost: Outpost) -> Body:
    known = [pk for pk in outpost.providers if pk in call.state.providers]
    return {
        "pk": outpost.pk,
        "name": outpost.name,
        "type": outpost.type,
        "providers": known,
        "providers_obj": [_provider_object(call, pk) for pk in known],
        "service_connection": outpost.service_connection,
        "service_connection_obj": _connection(outpost),
        "refresh_interval_s": int(duration(outpost.config.get("refresh_interval", "minutes=5")).total_seconds()),
        "token_identifier": outpost.token_identifier,
        "config": outpost.config,
        "managed": outpost.managed,
    }


def _is_uuid(text: str) -> bool:
    with suppress(ValueError):
        return bool(uuid.UUID(text))
    return False


_LISTING: Final = Listing[Outpost](
    shape=_body,
    rows=lambda call: call.visible("authentik_outposts.view_outpost", call.state.outposts.values()),
    order=("name", "type"),
    filters={
        "name__iexact": alike("name"),
        "name__icontains": contains("name"),
        "managed__iexact": equals("managed"),
        "providers__isnull": lambda outpost, wanted: (not outpost.providers) == (wanted[-1].lower() == "true"),
    },
    search=("name",),
    model="Outpost",
    readable=_is_uuid,
)


def _patch(call: Call) -> Reply:
    outpost = _LISTING.one(call)
    call.require("authentik_outposts.change_outpost")
    data = call.data
    for pk in data.get("providers", []):
        if pk not in call.state.providers:
            raise invalid(providers=[f'Invalid pk "{pk}" - object does not exist.'])
    # `config` is replaced as a whole: nothing is merged into what was there.
    for name in ("name", "providers", "config"):
        if name in data:
            setattr(outpost, name, data[name])
    return Reply(_body(call, outpost))


def normal_version(version: str) -> str:
    """The version as Python packages write it: what `version_should` shows."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def is_outdated(call: Call, instance: OutpostInstance) -> bool:
    """Whether Authentik calls the instance outdated; one that is gone never is."""
    should = normal_version(call.state.version)
    return instance.connected and normal_version(instance.version) != should


_OPENSSL: Final = "OpenSSL 3.5.4 30 Sep 2025 (Library: OpenSSL 3.5.4 30 Sep 2025)\n"


def _hostname(call: Call, instance: OutpostInstance) -> str:
    return instance.hostname if instance.replica is None else call.world.cluster.server_pods[instance.replica]


def _instance(call: Call, instance: OutpostInstance) -> Body:
    here = instance.connected
    return {
        "uid": instance.uid,
        "last_seen": moment(call.now) if here else None,
        "version": instance.version if here else None,
        "golang_version": "go1.26.8" if here else "",
        "openssl_enabled": False,
        "openssl_version": _OPENSSL if here else "",
        "fips_enabled": None,
        "version_should": normal_version(call.state.version),
        "version_outdated": is_outdated(call, instance),
        "build_hash": "",
        "build_hash_should": "",
        "hostname": _hostname(call, instance) if here else "",
    }


def _health(call: Call) -> Reply:
    return Reply([_instance(call, instance) for instance in _LISTING.one(call).instances])


def _default_settings(call: Call) -> Reply:
    return Reply({"config": outpost_config(f"{call.exchange.origin}/")})


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "outposts/instances/", LIST, get=_LISTING.all),
        endpoint(world, "outposts/instances/default_settings/", READ, get=_default_settings),
        endpoint(world, "outposts/instances/{pk}/", DETAIL, get=_LISTING.detail, patch=_patch),
        endpoint(world, "outposts/instances/{pk}/health/", READ, get=_health),
    ]
