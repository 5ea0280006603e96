"""Whatever stands in an estate, its draft is a file that loads, the same each time, and tells what it does not say."""

import json
import tomllib
from copy import deepcopy
from dataclasses import replace

import pytest

from fixtures.draft.writing import as_toml
from fixtures.estate.loading import parse_estate
from lab import seeded
from selftests.support.drafts import drafting
from selftests.support.settling import taken_up

BREAKS_OUT = 'x"]\n[evil]\nname = "y'
ODD = (
    *(BREAKS_OUT, 'a"b', "a'b", "a.b", "ünï😀", "tab\there", "back\\slash", "#hash", "line\u2028\x0b\x00", "\x1b[31m"),
    *("", " ", "a" * 5000, '"""', "[[oidc]]", "${x}", "=1", "*"),
)


def every(world, kind):
    return [each for each in world.cluster.objects.values() if each["kind"] == kind]


def odd_people(world):
    directory = world.authentik.directory
    bob = directory.user("bob")
    for number, name in enumerate(ODD):
        directory.users[500 + number] = replace(bob, pk=500 + number, username=name)
    for group, name in zip(directory.groups.values(), ODD, strict=False):
        group.name = name
    token = directory.tokens["sso-conformance-gate"]
    directory.tokens |= {name: replace(token, identifier=name, key=f"key {name}") for name in ODD}


def odd_providers(world):
    for number, provider in enumerate(world.authentik.providers.values()):
        provider.name = ODD[number]
        if hasattr(provider, "external_host"):
            provider.external_host, provider.skip_path_regex = f"https://{ODD[number + 3]}", "\n".join(ODD)
        else:
            provider.client_id = ODD[number]
            provider.redirect_uris = [replace(provider.redirect_uris[0], url=f"https://{each}/") for each in ODD]


def odd_slugs(world):
    for slug, application in zip(
        ("a_b", "a-b", "A.B", "-", "x" * 200), world.authentik.applications.values(), strict=False
    ):
        application.slug = slug


def one_address_for_all_gates(world):
    for name in ("hubble", "longhorn", "whoami"):
        seeded.gate(world, name).external_host = "https://longhorn.frank.derio.net"


def odd_config_maps(world):
    broken = {
        "argocd-cm": {
            "url": f"https://{BREAKS_OUT}",
            "oidc.config": f"issuer: {json.dumps(BREAKS_OUT)}\nclientSecret: $a b",
        },
        "argocd-rbac-cm": {"scopes": "[[a], {b: 1}]", "policy.csv": "g,,\n,,,,\np\n"},
        "grafana": {"grafana.ini": "a = 1\n[server]\nroot_url = https://[\n[auth.generic_oauth]\nclient_id\n"},
    }
    for each in every(world, "ConfigMap"):
        each["data"] = broken.get(each["metadata"]["name"], each["data"])


def settings_that_are_no_settings(world):
    for each in every(world, "ConfigMap"):
        each["data"] = dict.fromkeys(
            ("url", "oidc.config", "dex.config", "scopes", "grafana.ini"), "&a [*a]\n  b\n = c"
        )


def odd_environments(world):
    for each in every(world, "Deployment"):
        for container in each["spec"]["template"]["spec"]["containers"]:
            for entry in container.get("env", ()):
                entry["value"] = f"https://{BREAKS_OUT}"


def odd_routes(world):
    for each, name in zip(every(world, "IngressRoute"), ODD * 2, strict=False):
        for rule in each["spec"]["routes"]:
            rule["match"] = f"Host(`{name}`)"


def an_empty_cluster(world):
    left = ("Namespace", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount")
    objects = world.cluster.objects
    world.cluster.objects = {key: each for key, each in objects.items() if each["kind"] in left}


def no_traefik(world):
    objects = world.cluster.objects
    world.cluster.objects = {
        key: each for key, each in objects.items() if each["metadata"].get("namespace") != "traefik-system"
    }


def no_labels_of_charts(world):
    for each in world.cluster.objects.values():
        labels = each["metadata"].get("labels", {})
        for key in [key for key in labels if key.startswith("app.kubernetes.io/")]:
            del labels[key]


def another_authentik(world):
    for each in (*every(world, "Deployment"), *every(world, "Service"), *every(world, "IngressRoute")):
        if each["metadata"]["namespace"] == "authentik":
            other = json.loads(json.dumps(deepcopy(each)).replace("auth.frank.", "login.frank."))
            other["metadata"]["namespace"] = "another"
            world.cluster.put(other)


def another_traefik(world):
    """One for hosts of the LAN, and one for those of the internet, as homelabs have two."""
    other = deepcopy(world.cluster.get("deployments", "traefik-system", "traefik"))
    other["metadata"]["name"] = "traefik-external"
    world.cluster.put(other)


def a_token_without_a_role(world):
    world.authentik.directory.user("svc-sso-conformance").groups.clear()


# Each with a word of what is told about it; empty where nothing is lost.
STRANGERS = (
    (odd_people, "cannot stand in an estate file"),
    (odd_providers, "cannot stand in an estate file"),
    (odd_slugs, ""),
    (one_address_for_all_gates, "further providers are for the same address: 'Longhorn', 'Whoami'"),
    (odd_config_maps, ""),
    (settings_that_are_no_settings, ""),
    (odd_environments, ""),
    (odd_routes, "no route of the cluster serves"),
    (an_empty_cluster, "in_cluster: Authentik's server was not seen here"),
    (no_traefik, "none with the labels of Traefik's chart was seen"),
    (no_labels_of_charts, "none with the labels of Traefik's chart was seen"),
    (another_authentik, "another Authentik is there"),
    (another_traefik, "another Traefik is there, traefik-system/deployment/traefik-external"),
    (a_token_without_a_role, "oidc not seen: the API token may not read /providers/oauth2/"),
)


@pytest.mark.parametrize(("change", "told"), STRANGERS, ids=lambda each: getattr(each, "__name__", ""))
def test_it_loads_is_stable_and_says_what_it_leaves_out(tmp_path, change, told):
    with drafting(tmp_path) as lab:
        change(lab.lab.world)
        asked = {"token": change not in (an_empty_cluster, another_authentik)}
        found = lab.draft(operator=change is not a_token_without_a_role, **asked)
        text = as_toml(found)
        assert as_toml(lab.draft(operator=change is not a_token_without_a_role, **asked)) == text
    for file in (text, taken_up(text)):
        tables = tomllib.loads(file)
        assert "evil" not in tables
        assert parse_estate(tables, "draft").authentik.public_url
    assert [each for each in (*found.remarks, *found.decisions) if told in each], (found.remarks, found.decisions)
