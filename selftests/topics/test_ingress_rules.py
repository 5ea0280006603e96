"""The rules that Traefik makes of an Ingress: their length is their rank."""

from dataclasses import replace

import pytest

from fixtures.topics.routes.bypasses import ways_to_host
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.rules import of_ingress_route
from selftests.support.ingress_routes import PROXY, ingress_route
from selftests.support.spelled import ASKED, AUTH, HOST


def made_of(rule, **annotations):
    """The one route of an Ingress with that rule."""
    about = {f"traefik.ingress.kubernetes.io/router.{name}": value for name, value in annotations.items()}
    metadata = {"namespace": "longhorn-system", "name": "chart", "annotations": about}
    (read,) = of_ingress({"metadata": metadata, "spec": {"rules": [rule]}})
    return read


@pytest.mark.parametrize(
    ("host", "path", "rule"),
    [
        (HOST, {"path": "/", "pathType": "Prefix"}, f"Host(`{HOST}`) && PathPrefix(`/`)"),
        (HOST, {}, f"Host(`{HOST}`)"),
        ("*.my-lab.net", {}, r"HostRegexp(`^[a-zA-Z0-9-]+\.my-lab\.net$`)"),
        ("", {}, "PathPrefix(`/`)"),
    ],
)
def test_the_rule_of_an_ingress_is_as_long_as_traefiks(host, path, rule):
    """Its length is its rank (traefik/traefik, pkg/provider/kubernetes/ingress, loadRouter and buildHostRule)."""
    paths = [path | {"backend": {"service": {"name": "longhorn-frontend"}}}]
    read = made_of({"host": host, "http": {"paths": paths}})
    assert (read.rule, read.priority) == (rule, len(rule))


def test_a_gated_ingress_without_a_path_comes_no_sooner_than_an_open_route_of_its_host():
    paths = [{"backend": {"service": {"name": "longhorn-frontend"}}}]
    gated = made_of({"host": HOST, "http": {"paths": paths}}, middlewares=AUTH)
    (trial,) = of_ingress_route(ingress_route("trial", f"Host(`{HOST}`)"))
    assert [each.ref.name for each in ways_to_host(ASKED, (gated, trial), AUTH, PROXY).open] == ["trial"]


TWO, THREE = ({"version": version} for version in ((2, 11, 0), (3, 7, 0)))
OLD_SYNTAX = THREE | {"default_syntax": "v2"}


def wildcard(**annotations):
    paths = [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "longhorn-frontend"}}}]
    return made_of({"host": "*.frank.derio.net", "http": {"paths": paths}}, **annotations)


@pytest.mark.parametrize("reader", [TWO, THREE, OLD_SYNTAX], ids=["2", "3", "3-by-the-old-syntax"])
def test_a_wildcard_is_read_as_the_proxy_writes_it(reader):
    """Version 2 writes it as a template, which a rule of version 3 is none of (traefik/traefik v2, buildHostRule)."""
    (gated,) = of_ingress_route(ingress_route("longhorn", f"Host(`{HOST}`)", "auth"))
    found = ways_to_host(ASKED, (gated, wildcard()), AUTH, replace(PROXY, **reader))
    assert [each.ref.name for each in found.open] == ["chart"]


@pytest.mark.parametrize(
    ("reader", "rank"),
    [
        (THREE, len(r"HostRegexp(`^[a-zA-Z0-9-]+\.frank\.derio\.net$`) && PathPrefix(`/`)")),
        (TWO, len("HostRegexp(`{subdomain:[a-zA-Z0-9-]+}.frank.derio.net`) && PathPrefix(`/`)")),
        (OLD_SYNTAX, len("HostRegexp(`{subdomain:[a-zA-Z0-9-]+}.frank.derio.net`) && PathPrefix(`/`)")),
    ],
    ids=["3", "2", "3-by-the-old-syntax"],
)
def test_a_wildcard_has_the_rank_of_the_rule_that_the_proxy_makes(reader, rank):
    """A route whose rule is as long as that comes no sooner; one more character, and it does."""
    proxy = replace(PROXY, **reader)
    assert proxy.rank_of(wildcard()) == rank
    assert proxy.rank_of(wildcard(priority="7")) == 7
    for more, opened in ((0, ["chart"]), (1, [])):
        start = f"Host(`{HOST}`) && PathPrefix(`/`)"
        longer = start + " " * (rank + more - len(start))
        (gated,) = of_ingress_route(ingress_route("longhorn", longer, "auth"))
        assert [each.ref.name for each in ways_to_host(ASKED, (gated, wildcard()), AUTH, proxy).open] == opened


def test_of_two_default_backends_either_may_be_the_one():
    """Traefik takes the first that it meets ("The default backend already exists"), and lists them in no order."""

    def default(name, **annotations):
        about = {f"traefik.ingress.kubernetes.io/router.{each}": value for each, value in annotations.items()}
        metadata = {"namespace": "longhorn-system", "name": name, "annotations": about}
        (read,) = of_ingress(
            {"metadata": metadata, "spec": {"defaultBackend": {"service": {"name": "longhorn-frontend"}}}}
        )
        return read

    (part,) = of_ingress_route(ingress_route("ui", f"Host(`{HOST}`) && PathPrefix(`/ui`)", "auth"))
    gated, trial = default("longhorn", middlewares=AUTH), default("trial")
    for both in ((gated, trial), (trial, gated)):
        assert [each.ref.name for each in ways_to_host(ASKED, (part, *both), AUTH, PROXY).open] == ["trial"]
    assert not ways_to_host(ASKED, (part, gated), AUTH, PROXY).open
