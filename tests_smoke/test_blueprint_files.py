"""The blueprints that the cluster holds for Authentik (runbook H2)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.model.remedy import Remedy, read
from fixtures.model.signals import NotApplicable
from fixtures.topics.workloads.expected import deployed
from fixtures.topics.workloads.rules import Workloads, mounted_config_maps

# Where Authentik looks for blueprints in its image.
BLUEPRINTS = "/blueprints"


@check(
    "SMOKE-BP-02",
    trouble="A blueprint's ConfigMap is not mounted in the worker",
    claim="every blueprint ConfigMap is mounted in the worker",
    runbook="H2",
    blind="that what is mounted is applied (SMOKE-BP-01), and ConfigMaps without the label",
    needs=("cluster",),
)
def test_blueprints_are_mounted(
    blueprint_config_maps: tuple[str, ...], workload_objects: Workloads, estate: Estate
) -> None:
    """A blueprint that nobody mounts changes nothing, and nothing says so: no instance, no error, no log line."""
    authentik, label = estate.authentik, estate.authentik.blueprint_selector
    namespace, worker = authentik.namespace, authentik.worker
    declared = [path for path in authentik.blueprints if path.startswith("mounted/")]
    assert blueprint_config_maps or not declared, because(
        f"no ConfigMap in namespace {namespace} has the label {label}, but the estate file declares mounted blueprints",
        remedy=Remedy(
            "restore them, or correct authentik.blueprint_selector in the estate file",
            read("kubectl -n {} get configmaps --show-labels", namespace),
        ),
    )
    if not blueprint_config_maps:
        raise NotApplicable(f"no ConfigMap has the label {label}, and no mounted one is declared")
    mounted = mounted_config_maps(deployed(estate, authentik.worker_ref, workload_objects))
    forgotten = [name for name in blueprint_config_maps if name not in mounted]
    aside = {
        name: path
        for name, path in mounted.items()
        if name in blueprint_config_maps and not f"{path}/".startswith(f"{BLUEPRINTS}/")
    }
    assert not forgotten, because(
        f"the worker does not mount {', '.join(forgotten)}: these blueprints are never applied",
        remedy=Remedy(
            "add them to blueprints.configMaps in the values of Authentik's chart: the command shows what is mounted",
            read("kubectl -n {} describe deploy {}", namespace, worker),
        ),
    )
    assert not aside, because(
        f"mounted where Authentik does not look, below {BLUEPRINTS}: "
        + ", ".join(f"{name} at {path}" for name, path in aside.items()),
        remedy=Remedy(
            f"mount them below {BLUEPRINTS}/mounted in the worker",
            read("kubectl -n {} describe deploy {}", namespace, worker),
        ),
    )
