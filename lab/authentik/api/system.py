"""/admin/, /root/config/ and /core/brands/: the installation itself."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, moment
from lab.authentik.api.endpoint import LIST, READ, endpoint
from lab.authentik.api.listing import Listing
from lab.authentik.api.outposts import is_outdated
from lab.authentik.directory import stable_uuid
from lab.authentik.operations import BRAND
from lab.world import World

_NO_VERSION: Final = "0.0.0"
_SYSTEM: Final = "GET, POST, HEAD, OPTIONS"


def _version(call: Call) -> Reply:
    operations = call.operations
    known = operations.version_latest != _NO_VERSION
    instances = [found for outpost in call.state.outposts.values() for found in outpost.instances]
    return Reply(
        {
            "version_current": call.state.version,
            "version_latest": operations.version_latest,
            "version_latest_valid": known,
            "build_hash": "",
            "outdated": known and operations.version_latest != call.state.version,
            "outpost_outdated": any(is_outdated(call, instance) for instance in instances),
        }
    )


def _history(call: Call) -> Reply:
    entries = enumerate(call.operations.history, start=1)
    return Reply(
        [{"id": number, "timestamp": moment(at), "version": version, "build": ""} for number, (at, version) in entries]
    )


def _environ(request: Request) -> Body:
    environ = {
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.url.path,
        "SERVER_NAME": "/authentik/run/tmp/authentik-core.sock",
        "SERVER_PORT": "None",
    }
    if request.client is not None:
        environ["HTTP_X_FORWARDED_FOR"] = request.client.host
    # The Authorization header is among them, as it is in the real answer.
    for name, value in request.headers.items():
        if name == "connection":
            continue
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ


def _runtime(call: Call) -> Body:
    return {
        "architecture": "x86_64",
        "authentik_version": call.state.version,
        "environment": "kubernetes",
        "openssl_fips_enabled": None,
        "openssl_version": "OpenSSL 3.5.4 30 Sep 2025",
        "platform": "Linux-6.12.0-x86_64-with-glibc2.41",
        "python_version": "3.14.0 (main) [GCC 14.2.0]",
        "uname": "Linux authentik-server 6.12.0 #1 SMP x86_64 ",
    }


def _system(call: Call) -> Reply:
    call.require("authentik_rbac.view_system_info")
    request = call.request
    embedded = call.state.embedded_outpost()
    return Reply(
        {
            "http_headers": _environ(request),
            "http_host": request.headers.get("host", ""),
            "http_is_secure": call.exchange.scheme == "https",
            "runtime": _runtime(call),
            "brand": BRAND["name"],
            "server_time": moment(call.now),
            "embedded_outpost_disabled": embedded is None,
            "embedded_outpost_host": embedded.config.get("authentik_host", "") if embedded else "",
        }
    )


def _config(_: Call) -> Reply:
    reporting = {
        "enabled": False,
        "sentry_dsn": "https://key@sentry.invalid/1",
        "environment": "customer",
        "send_pii": False,
        "traces_sample_rate": 0.1,
    }
    timeouts = dict.fromkeys(("cache_timeout", "cache_timeout_flows", "cache_timeout_policies"), 300)
    capabilities = ["can_impersonate", "is_enterprise"]
    return Reply({"error_reporting": reporting, "capabilities": capabilities, **timeouts})


_ICONS: Final = "/static/dist/assets/icons"
_BRANDING: Final = {
    "branding_title": "authentik",
    "branding_logo": f"{_ICONS}/icon_left_brand.svg",
    "branding_favicon": f"{_ICONS}/icon.png",
    "branding_custom_css": "",
}


def _current_brand(_: Call) -> Reply:
    return Reply(
        {
            "matched_domain": "authentik-default",
            **_BRANDING,
            "branding_logo_themed_urls": None,
            "branding_favicon_themed_urls": None,
            "ui_footer_links": [],
            "ui_theme": "automatic",
            "flow_authentication": "default-authentication-flow",
            "flow_invalidation": "default-invalidation-flow",
            "flow_user_settings": "default-user-settings-flow",
            "default_locale": "",
            "flags": {"flows_continuous_login": False, "flows_refresh_others": False},
        }
    )


def _brand_body(call: Call, _: str) -> Body:
    flows = {flow.slug: flow.pk for flow in call.state.flows.values()}
    return {
        "brand_uuid": stable_uuid("brand", "authentik-default"),
        "domain": "authentik-default",
        "default": True,
        **_BRANDING,
        "branding_default_flow_background": "/static/dist/assets/images/flow_background.jpg",
        "flow_authentication": flows.get("default-authentication-flow"),
        "flow_invalidation": flows.get("default-invalidation-flow"),
        "flow_recovery": None,
        "flow_unenrollment": None,
        "flow_user_settings": flows.get("default-user-settings-flow"),
        "flow_device_code": None,
        "default_application": None,
        "web_certificate": None,
        "client_certificates": [],
        "attributes": {},
        **call.state.release.brand_fields,
    }


_BRANDS: Final = Listing[str](
    shape=_brand_body,
    rows=lambda call: call.visible("authentik_brands.view_brand", ["authentik-default"]),
    order=(),
    computed={"domain": str},
)


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "admin/version/", READ, get=_version),
        endpoint(world, "admin/version/history/", READ, get=_history),
        endpoint(world, "admin/system/", _SYSTEM, get=_system),
        endpoint(world, "root/config/", READ, anonymous=True, get=_config),
        endpoint(world, "core/brands/", LIST, get=_BRANDS.all),
        endpoint(world, "core/brands/current/", READ, anonymous=True, get=_current_brand),
    ]
