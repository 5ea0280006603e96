"""/providers/: all of them without secrets, OAuth2 ones with, and proxy providers."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from lab.authentik.api import provider_writes
from lab.authentik.api.call import Call, Reply, missing
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, equals, one_of, truth
from lab.authentik.api.preview import preview, setup_urls
from lab.authentik.api.provider_bodies import common_body, oauth2_body, proxy_body
from lab.authentik.oidc.issuing import random_text
from lab.authentik.providers import OAuth2Provider, ProxyProvider
from lab.world import World

_OAUTH2: Final = "authentik_providers_oauth2.{}_oauth2provider"
_PROXY: Final = "authentik_providers_proxy.{}_proxyprovider"


def _all(call: Call) -> Reply:
    listing = Listing[OAuth2Provider](
        shape=common_body,
        order={"pk": lambda provider: provider.pk, "name": lambda provider: provider.name},
        default="pk",
        filters={"application__isnull": truth(lambda found: call.state.application_of(found) is None)},
        search=(lambda provider: provider.name,),
    )
    rows = call.visible("authentik_core.view_provider", call.state.providers.values())
    return listing.page(call, rows)


def _oauth2_list(call: Call) -> Reply:
    return _OAUTH2_LISTING.page(call, _oauth2_rows(call))


_OAUTH2_LISTING: Final = Listing[OAuth2Provider](
    shape=oauth2_body,
    order={"name": lambda provider: provider.name, "pk": lambda provider: provider.pk},
    default="name",
    filters={
        "name": equals(lambda provider: provider.name),
        "client_id": equals(lambda provider: provider.client_id),
        "client_type": one_of(lambda provider: provider.client_type),
        "issuer_mode": one_of(lambda provider: provider.issuer_mode),
        "sub_mode": one_of(lambda provider: provider.sub_mode),
        "signing_key": equals(lambda provider: provider.signing_key),
        "authorization_flow": equals(lambda provider: provider.authorization_flow),
    },
    search=(lambda provider: provider.name,),
)


def _oauth2_rows(call: Call) -> list[OAuth2Provider]:
    return call.visible(_OAUTH2.format("view"), call.state.providers.values())


def _oauth2(call: Call) -> OAuth2Provider:
    rows, pk = _oauth2_rows(call), call.argument("pk")
    if not pk.isdecimal():
        raise missing()
    return call.one("OAuth2Provider", rows, lambda provider: provider.pk == int(pk))


def _oauth2_detail(call: Call) -> Reply:
    return Reply(oauth2_body(call, _oauth2(call)))


def _next_pk(call: Call) -> int:
    return max(call.state.providers, default=0) + 1


def _oauth2_create(call: Call) -> Reply:
    call.require(_OAUTH2.format("add"))
    provider_writes.check_oauth2(call)
    provider = OAuth2Provider(_next_pk(call), "", random_text(40), random_text(128), "", None)
    provider_writes.apply(call.data, provider)
    call.state.providers[provider.pk] = provider
    return Reply(oauth2_body(call, provider), 201)


def _oauth2_patch(call: Call) -> Reply:
    provider = _oauth2(call)
    call.require(_OAUTH2.format("change"))
    provider_writes.check_oauth2(call, provider)
    provider_writes.apply(call.data, provider)
    return Reply(oauth2_body(call, provider))


def _remove(call: Call, provider: OAuth2Provider) -> Reply:
    application = call.state.application_of(provider)
    if application is not None:
        application.provider = None
    for outpost in call.state.outposts_of(provider):
        outpost.providers.remove(provider.pk)
    del call.state.providers[provider.pk]
    return Reply(None, 204)


def _oauth2_delete(call: Call) -> Reply:
    provider = _oauth2(call)
    call.require(_OAUTH2.format("delete"))
    return _remove(call, provider)


def _oauth2_preview(call: Call) -> Reply:
    return preview(call, _oauth2(call))


def _oauth2_setup_urls(call: Call) -> Reply:
    return setup_urls(call, _oauth2(call))


_PROXY_LISTING: Final = Listing[ProxyProvider](
    shape=proxy_body,
    order={"name": lambda provider: provider.name, "pk": lambda provider: provider.pk},
    default="name",
    filters={
        "name__iexact": lambda provider, wanted: provider.name.lower() == wanted[-1].lower(),
        "external_host__iexact": lambda provider, wanted: provider.external_host.lower() == wanted[-1].lower(),
        "mode__iexact": one_of(lambda provider: provider.mode),
    },
    search=(lambda provider: provider.name,),
)


def proxy_rows(call: Call) -> list[ProxyProvider]:
    """The proxy providers that the caller may see."""
    return call.visible(_PROXY.format("view"), call.state.proxy_providers())


def _proxy_list(call: Call) -> Reply:
    return _PROXY_LISTING.page(call, proxy_rows(call))


def _proxy(call: Call) -> ProxyProvider:
    rows, pk = proxy_rows(call), call.argument("pk")
    if not pk.isdecimal():
        raise missing()
    return call.one("ProxyProvider", rows, lambda provider: provider.pk == int(pk))


def _proxy_detail(call: Call) -> Reply:
    return Reply(proxy_body(call, _proxy(call)))


def _proxy_create(call: Call) -> Reply:
    call.require(_PROXY.format("add"))
    provider_writes.check_proxy(call)
    provider = ProxyProvider(_next_pk(call), "", random_text(40), random_text(128), "", None)
    provider.cookie_secret = random_text(32)
    provider_writes.apply(call.data, provider)
    call.state.providers[provider.pk] = provider
    return Reply(proxy_body(call, provider), 201)


def _proxy_patch(call: Call) -> Reply:
    provider = _proxy(call)
    call.require(_PROXY.format("change"))
    provider_writes.check_proxy(call, provider)
    provider_writes.apply(call.data, provider)
    return Reply(proxy_body(call, provider))


def _proxy_delete(call: Call) -> Reply:
    provider = _proxy(call)
    call.require(_PROXY.format("delete"))
    return _remove(call, provider)


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "providers/all/", READ, get=_all),
        endpoint(world, "providers/oauth2/", LIST, get=_oauth2_list, post=_oauth2_create),
        endpoint(
            world,
            "providers/oauth2/{pk}/",
            DETAIL,
            get=_oauth2_detail,
            patch=_oauth2_patch,
            delete=_oauth2_delete,
        ),
        endpoint(world, "providers/oauth2/{pk}/setup_urls/", READ, get=_oauth2_setup_urls),
        endpoint(world, "providers/oauth2/{pk}/preview_user/", READ, get=_oauth2_preview),
        endpoint(world, "providers/proxy/", LIST, get=_proxy_list, post=_proxy_create),
        endpoint(world, "providers/proxy/{pk}/", DETAIL, get=_proxy_detail, patch=_proxy_patch, delete=_proxy_delete),
    ]
