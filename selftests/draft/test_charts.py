"""What charts and operators make of a part is drafted as that part, whatever else they put beside it."""

import pytest

from fixtures.draft.writing import as_toml
from lab import seeded
from lab.arrangements import put_embedded_objects
from lab.cluster.objects import Age
from lab.cluster.seed.estate import Component, Front, plant_component
from lab.cluster.seed.workloads import Workload
from selftests.support.drafts import drafting

OF_CLUSTER, BOTH = {"token": False}, {}


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


CHARTS = (argocds_other_servers, a_domain_in_grafanas_address, grafana_of_a_mirror, put_embedded_objects)


@pytest.mark.parametrize("given", [OF_CLUSTER, BOTH], ids=["cluster", "both"])
@pytest.mark.parametrize("change", CHARTS, ids=lambda each: each.__name__)
def test_the_draft_is_the_same(tmp_path, change, given):
    with drafting(tmp_path) as lab:
        usual = as_toml(lab.draft(operator=True, **given))
        change(lab.lab.world)
        found = as_toml(lab.draft(operator=True, **given))
    assert found == usual
