"""The blueprints that the cluster holds for Authentik (runbook H2)."""

from fixtures.engine.checks import because, check

# Where Authentik looks for blueprints in its image.
BLUEPRINTS = "/blueprints"


@check(
    "SMOKE-BP-02",
    claim="every blueprint ConfigMap is mounted in the worker",
    runbook="H2",
    blind="that what is mounted is applied (SMOKE-BP-01), and ConfigMaps without the label",
)
def test_blueprints_are_mounted(blueprint_config_maps, mounted_config_maps, estate):
    """A blueprint that nobody mounts changes nothing, and nothing says so: no instance, no error, no log line."""
    forgotten = [name for name in blueprint_config_maps if name not in mounted_config_maps]
    aside = {
        name: path
        for name, path in mounted_config_maps.items()
        if name in blueprint_config_maps and not f"{path}/".startswith(f"{BLUEPRINTS}/")
    }
    namespace, worker = estate.authentik.namespace, estate.authentik.worker
    assert not forgotten, because(
        f"the worker does not mount {', '.join(forgotten)}: these blueprints are never applied",
        remedy=f"add them to blueprints.configMaps in the values of Authentik's chart; kubectl -n {namespace} get "
        f"deploy {worker} -o jsonpath='{{.spec.template.spec.volumes[*].configMap.name}}' shows what is mounted",
    )
    assert not aside, because(
        f"mounted where Authentik does not look, below {BLUEPRINTS}: "
        + ", ".join(f"{name} at {path}" for name, path in aside.items()),
        remedy=f"mount them below {BLUEPRINTS}/mounted in deploy/{worker}",
    )
