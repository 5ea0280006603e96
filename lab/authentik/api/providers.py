"""/providers/: all of them without secrets, OAuth2 ones with, and proxy providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from starlette.routing import Route

from lab.authentik.api import provider_writes
from lab.authentik.api.call import Call, Reply
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, alike, one_of, same, truth
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
        rows=lambda call: call.visible("authentik_core.view_provider", call.state.providers.values()),
        order=("pk", "name"),
        filters={"application__isnull": truth(lambda found: call.state.application_of(found) is None)},
        search=("name",),
    )
    return listing.all(call)


_OAUTH2_LISTING: Final = Listing[OAuth2Provider](
    shape=oauth2_body,
    rows=lambda call: call.visible(_OAUTH2.format("view"), call.state.providers.values()),
    order=("name", "pk"),
    filters=same("name", "client_id", "signing_key", "authorization_flow")
    | {name: one_of(name) for name in ("client_type", "issuer_mode", "sub_mode")},
    search=("name",),
    model="OAuth2Provider",
    readable=str.isdecimal,
)


def _oauth2_preview(call: Call) -> Reply:
    return preview(call, _OAUTH2_LISTING.one(call))


def _oauth2_setup_urls(call: Call) -> Reply:
    return setup_urls(call, _OAUTH2_LISTING.one(call))


def proxy_rows(call: Call) -> list[ProxyProvider]:
    """The proxy providers that the caller may see."""
    return call.visible(_PROXY.format("view"), call.state.proxy_providers())


_PROXY_LISTING: Final = Listing[ProxyProvider](
    shape=proxy_body,
    rows=proxy_rows,
    order=("name", "pk"),
    filters={
        "name__iexact": alike("name"),
        "external_host__iexact": alike("external_host"),
        "mode__iexact": one_of("mode"),
    },
    search=("name",),
    model="ProxyProvider",
    readable=str.isdecimal,
)


class _Kind(NamedTuple):
    """Providers of one kind: their list, the form of their permissions, what judges a body, what makes a new one."""

    listing: Listing[Any]
    permission: str
    check: Callable[..., None]
    new: Callable[[int], OAuth2Provider]

    def create(self, call: Call) -> Reply:
        """Make one of the body."""
        call.require(self.permission.format("add"))
        self.check(call)
        provider = self.new(max(call.state.providers, default=0) + 1)
        provider_writes.apply(call.data, provider)
        call.state.providers[provider.pk] = provider
        return Reply(self.listing.shape(call, provider), 201)

    def patch(self, call: Call) -> Reply:
        """Change the one that the path names."""
        provider = self.listing.one(call)
        call.require(self.permission.format("change"))
        self.check(call, provider)
        provider_writes.apply(call.data, provider)
        return Reply(self.listing.shape(call, provider))

    def delete(self, call: Call) -> Reply:
        """Take it away, from its application and outposts too."""
        provider = self.listing.one(call)
        call.require(self.permission.format("delete"))
        application = call.state.application_of(provider)
        if application is not None:
            application.provider = None
        for outpost in call.state.outposts_of(provider):
            outpost.providers.remove(provider.pk)
        del call.state.providers[provider.pk]
        return Reply(None, 204)


def _new_oauth2(pk: int) -> OAuth2Provider:
    return OAuth2Provider(pk, "", random_text(40), random_text(128), "", None, grant_types=[])


def _new_proxy(pk: int) -> ProxyProvider:
    provider = ProxyProvider(pk, "", random_text(40), random_text(128), "", None)
    provider.cookie_secret = random_text(32)
    return provider


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    oauth2 = _Kind(_OAUTH2_LISTING, _OAUTH2, provider_writes.check_oauth2, _new_oauth2)
    proxy = _Kind(_PROXY_LISTING, _PROXY, provider_writes.check_proxy, _new_proxy)
    return [
        endpoint(world, "providers/all/", READ, get=_all),
        endpoint(world, "providers/oauth2/", LIST, get=_OAUTH2_LISTING.all, post=oauth2.create),
        endpoint(
            world,
            "providers/oauth2/{pk}/",
            DETAIL,
            get=_OAUTH2_LISTING.detail,
            patch=oauth2.patch,
            delete=oauth2.delete,
        ),
        endpoint(world, "providers/oauth2/{pk}/setup_urls/", READ, get=_oauth2_setup_urls),
        endpoint(world, "providers/oauth2/{pk}/preview_user/", READ, get=_oauth2_preview),
        endpoint(world, "providers/proxy/", LIST, get=_PROXY_LISTING.all, post=proxy.create),
        endpoint(
            world, "providers/proxy/{pk}/", DETAIL, get=_PROXY_LISTING.detail, patch=proxy.patch, delete=proxy.delete
        ),
    ]
