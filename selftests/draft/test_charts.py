"""What charts and operators make of a part is drafted as that part, whatever else they put beside it."""

import tomllib

import pytest

from fixtures.draft.inventories import others
from fixtures.draft.looking import LiveAuthentik, LiveCluster
from fixtures.draft.parts import Live
from fixtures.draft.writing import as_toml
from fixtures.estate.loading import parse_estate
from fixtures.exchange.api_objects import OAuthProvider, Provider, ProxyProvider
from lab import seeded
from lab.arrangements import put_embedded_objects
from lab.authentik.outpost.model import Outpost
from lab.cluster.objects import Age
from lab.cluster.seed.estate import Component, Front, plant_component
from lab.cluster.seed.secret_objects import GRAFANA_KEY
from lab.cluster.seed.workloads import Workload
from selftests.support.api_views import an
from selftests.support.drafts import drafting

OF_CLUSTER, BOTH = {"token": False}, {}


def drafted(lab):
    return tomllib.loads(as_toml(lab.draft(operator=True)))


def argocds_other_servers(world):
    """argo-cd's chart, and argoproj/argo-cd's own manifests, name six workloads; two more of them are servers."""
    for number, part in enumerate(("dex-server", "redis", "repo-server"), 1):
        labels = {"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": part}
        workload = Workload("argocd", f"argocd-{part}", "quay.io/argoproj/argocd:v3.3.2", (f"10.42.9.{number}",))
        labelled = Workload(**{**vars(workload), "labels": labels, "ports": ((part, 8081),)})
        front = Front(f"argocd-{part}", ((part, 8081, part),))
        plant_component(world.cluster, Component(part, labelled, (front,)), Age(world.clock.now()))


def a_domain_in_grafanas_address(world):
    """`root_url: https://%(domain)s/`, as kube-prometheus-stack's and grafana-operator's users write it."""
    container = seeded.container(world, "grafana", "grafana")
    container["env"] = [each for each in container["env"] if each["name"] != "GF_SERVER_ROOT_URL"]
    settings = world.cluster.get("configmaps", "grafana", "grafana")["data"]
    own = "root_url = https://grafana.frank.derio.net"
    assert own in settings["grafana.ini"]
    told = "domain = grafana.frank.derio.net\nroot_url = https://%(domain)s/"
    settings["grafana.ini"] = settings["grafana.ini"].replace(own, told)


def grafana_of_a_mirror(world):
    """Rancher's monitoring chart takes it from Rancher's own registry."""
    container = seeded.container(world, "grafana", "grafana")
    container["image"] = "docker.io/rancher/mirrored-grafana-grafana:12.3.0"


def a_variable_that_grafanas_file_names(world):
    """Of any name: `client_secret: $__env{…}` beside envValueFrom, or a variable in grafana-operator's Deployment."""
    container = seeded.container(world, "grafana", "grafana")
    del container["envFrom"]
    source = {"secretKeyRef": {"name": "grafana-oidc", "key": GRAFANA_KEY}}
    container["env"] += [{"name": "SSO", "valueFrom": source}]
    settings = world.cluster.get("configmaps", "grafana", "grafana")["data"]
    own = "[auth.generic_oauth]\n"
    settings["grafana.ini"] = settings["grafana.ini"].replace(own, f"{own}client_secret = $__env{{SSO}}\n")


def an_outpost_for_ldap(world):
    """An outpost of another type, which serves more providers than the gates'."""
    outposts = world.authentik.outposts
    gates = next(iter(outposts.values()))
    every = list(world.authentik.providers)
    ldap = Outpost("00000000-0000-4000-8000-0000000000aa", "LDAP", gates.config | {"authentik_host": ""}, every, "ldap")
    world.authentik.outposts = {ldap.pk: ldap, **outposts}


CHARTS = (
    argocds_other_servers,
    a_domain_in_grafanas_address,
    grafana_of_a_mirror,
    a_variable_that_grafanas_file_names,
    put_embedded_objects,
    an_outpost_for_ldap,
)


@pytest.mark.parametrize("given", [OF_CLUSTER, BOTH], ids=["cluster", "both"])
@pytest.mark.parametrize("change", CHARTS, ids=lambda each: each.__name__)
def test_the_draft_is_the_same(tmp_path, change, given):
    with drafting(tmp_path) as lab:
        usual = as_toml(lab.draft(operator=True, **given))
        change(lab.lab.world)
        found = as_toml(lab.draft(operator=True, **given))
    assert found == usual


def test_providers_of_kinds_that_no_table_describes_are_left_out_on_purpose():
    """SMOKE-PROV-02 would warn of each, and could say no more than that."""
    ldap, saml = an(Provider, pk=9, name="LDAP", verbose_name="LDAP Provider"), an(Provider, pk=8, name="Nextcloud")
    client, gate = an(OAuthProvider, pk=1, name="Grafana", client_id="g"), an(ProxyProvider, pk=2, name="Longhorn")
    seen = LiveAuthentik(oidc=[client], forward_auth=[gate], providers=[ldap, client, saml, gate])
    found = others(Live(seen, LiveCluster()))
    assert [each.get("provider") for each in found] == ["LDAP", "Nextcloud"]
    assert "(LDAP Provider)" in found[0].get("reason")
    # Where clients or gates could not be seen, each of theirs would look like one of them.
    assert others(Live(seen, LiveCluster(), unseen=frozenset({"oidc"}))) == []


def test_a_whole_secret_that_nothing_names_has_the_variable_that_grafana_reads(tmp_path):
    with drafting(tmp_path, shape="without-external-secrets") as lab:
        (grafana,) = (app for app in parse_estate(drafted(lab), "a draft").oidc if app.name == "grafana")
        seeded.container(lab.lab.world, "grafana", "grafana")["envFrom"] += [{"secretRef": {"name": "another"}}]
        (unknown,) = (app for app in parse_estate(drafted(lab), "a draft").oidc if app.name == "grafana")
    assert (str(grafana.secret.name), grafana.secret.key) == ("grafana/grafana-oidc", GRAFANA_KEY)
    assert unknown.secret is None
