"""Headers that look like the gate's: which entry points let them in, and what is never advised."""

import pytest

from fixtures.estate.names import WayRef
from fixtures.topics.routes.look_alikes import advice, exposed
from fixtures.topics.routes.proxy import EntryPoint, Proxy, entry_points
from fixtures.topics.routes.rules import Route
from fixtures.topics.routes.static_options import of_arguments, of_environment, of_file

OPTION = "entryPoints.websecure.http.aliasHeadersStrategy=delete"


def route(*names: str) -> Route:
    return Route(WayRef("a", "ingressroute", "b"), "Host(`a.example`)", (), entry_points=names)


@pytest.mark.parametrize(
    ("given", "lets_in"),
    [
        (EntryPoint(), {"websecure": "X_authentik_username"}),
        (EntryPoint(aliases="keep"), {"websecure": "X_authentik_username"}),
        (EntryPoint(underscores="delete"), {"websecure": "X.authentik.username"}),
        (EntryPoint(aliases="delete"), {}),
        (EntryPoint(aliases="reject", underscores="reject"), {}),
    ],
)
def test_an_entry_point_is_closed_by_the_option_for_all_of_them(given, lets_in):
    proxy = Proxy({}, {"websecure": given, "metrics": EntryPoint()})
    assert exposed([route("webSecure")], proxy) == lets_in


def test_entry_points_without_a_gated_route_are_not_asked_about():
    proxy = Proxy({}, {"web": EntryPoint(), "websecure": EntryPoint(aliases="delete"), "traefik": EntryPoint()})
    assert exposed([route("websecure")], proxy) == {}
    assert set(exposed([route()], proxy)) == {"web"}


@pytest.mark.parametrize(
    "options",
    [
        of_arguments([f"--{OPTION}"]),
        of_environment({"TRAEFIK_ENTRYPOINTS_WEBSECURE_HTTP_ALIASHEADERSSTRATEGY": "delete"}),
        of_file("a.yml", "entryPoints: {websecure: {http: {aliasHeadersStrategy: delete}}}"),
        of_file("a.toml", '[entryPoints.websecure.http]\naliasHeadersStrategy = "delete"'),
    ],
)
def test_the_option_counts_wherever_it_is_given(options):
    assert exposed([route("websecure")], Proxy({}, entry_points(options))) == {}


@pytest.mark.parametrize("version", [(3, 7, 12), (3, 7, 13), (3, 8), (3, 8, 0), (4, 0, 0), (2, 11, 56)])
def test_a_traefik_that_knows_the_option_is_told_to_set_it(version):
    assert advice(["websecure"], version).startswith(f"set {OPTION}")


@pytest.mark.parametrize("version", [(3, 7, 11), (3, 6, 25), (3, 0, 0), (3, 6), (2, 11, 55), (2, 10), (1, 7, 34)])
def test_an_older_one_is_updated_first_as_it_would_not_start_with_an_option_that_it_does_not_know(version):
    told = advice(["websecure"], version)
    assert told.startswith(f"update Traefik to {'2.11.56' if version[0] == 2 else '3.7.12'} or later first")
    assert told.index("would not start") < told.index(OPTION)


@pytest.mark.parametrize("version", [(), (3,), (3, 7), (2, 11)])
def test_of_an_unknown_one_it_is_said_from_which_on(version):
    told = advice(["websecure"], version)
    assert told.startswith("from Traefik 3.7.12 (or 2.11.56) on")
    assert "would not start" in told
