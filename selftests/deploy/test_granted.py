"""What an estate file says decides which rights an installation has: what no shape of the lab has, besides."""

import tomllib
from typing import Any

import pytest

from deploy.rights import manifests
from fixtures.estate import parse_estate
from selftests.support.manifests import NAMESPACE, ROOT, objects_in
from selftests.support.rights import rights

Estate = dict[str, Any]
FRANK = ROOT / "estates" / "frank.toml"


def granted_to(change: Any) -> set[str]:
    estate = tomllib.loads(FRANK.read_text(encoding="utf-8"))
    change(estate)
    roles = objects_in(manifests(parse_estate(estate, "an estate"), NAMESPACE))
    return {str(right) for right in rights(list(roles))}


def _statefulset(estate: Estate) -> None:
    estate["workloads"] = [{"ref": "infisical/statefulset/postgres"}, {"ref": "kube-system/daemonset/cilium"}]


def _secret_source(estate: Estate) -> None:
    estate["authentik"]["token"] = {"secret": "sso/tokens", "key": "api"}
    estate["client"]["client_secret"] = {"secret": "sso/tokens", "key": "client"}


def _unplaced_outpost(estate: Estate) -> None:
    estate["authentik"]["outpost"] = {"kind": "standalone", "name": "gate"}


def _placed_outpost(estate: Estate) -> None:
    workload = "gates/deployment/ak-outpost-gate"
    estate["authentik"]["outpost"] = {"kind": "standalone", "name": "gate", "workload": workload}


def _elsewhere(estate: Estate) -> None:
    estate["authentik"]["namespace"] = "login"


def _own_application(estate: Estate) -> None:
    estate["gitops"] = ["argocd/sso-conformance"]
    estate["suite"]["argocd_application"] = "argocd/sso-conformance"


def _public(estate: Estate) -> None:
    for app in estate["oidc"]:
        if app["name"] == "argocd":
            app |= {"client_type": "public"}
            del app["secret"]


def _grafana_variable(estate: Estate) -> None:
    for app in estate["oidc"]:
        if app["name"] == "grafana":
            app["secret"] |= {"key": "client-secret", "consumer": "env"}


def _variable_of_grafana_operator(estate: Estate) -> None:
    _grafana_variable(estate)
    grafana = next(app for app in estate["oidc"] if app["name"] == "grafana")
    grafana["workload"] = "grafana/deployment/sso-deployment"


@pytest.mark.parametrize(
    ("change", "more", "fewer"),
    [
        (_grafana_variable, {"get configmaps in grafana named grafana"}, set()),
        (_variable_of_grafana_operator, {"get configmaps in grafana named sso-ini"}, set()),
        (_statefulset, {"list statefulsets", "list daemonsets"}, set()),
        (_secret_source, {"get secrets in sso named tokens"}, set()),
        (_unplaced_outpost, {"get pods/log"}, {"get pods/log in authentik"}),
        (_placed_outpost, {"get pods/log in gates"}, set()),
        (
            _elsewhere,
            {"get pods/log in login", "list configmaps in login"},
            {"get pods/log in authentik", "list configmaps in authentik"},
        ),
        (_own_application, set(), set()),
        (_public, set(), {"get configmaps in argocd named argocd-cm", "get secrets in argocd named argocd-oidc"}),
    ],
)
def test_what_an_estate_says_decides_what_is_granted(change, more, fewer):
    usual = granted_to(lambda _: None)
    assert granted_to(change) == usual - fewer | more
