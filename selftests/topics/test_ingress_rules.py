"""The rules that Traefik makes of an Ingress: their length is their rank."""

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
