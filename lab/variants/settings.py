"""Settings and objects beside those that are judged, or changed together with all that depends on them."""

from __future__ import annotations

import base64
from copy import deepcopy
from datetime import timedelta

from lab import names, seeded
from lab.applications.secrets import restart
from lab.authentik.accounts import Token, stable_uuid
from lab.authentik.flows.model import AUTHENTICATION, INVALIDATION
from lab.authentik.outpost.model import OutpostInstance, OutpostView
from lab.authentik.providers import Application, OAuth2Provider
from lab.cluster.external_secrets import sync
from lab.faults.workloads import pods_of
from lab.registry import Table, described
from lab.shapes.clients import GLOBAL_ISSUER
from lab.shapes.routes import add_gated
from lab.variants import variant
from lab.world import World


def _machine_ignored(estate: Table) -> None:
    reason = "a machine's client, which nobody logs in by"
    estate.setdefault("ignore", []).append({"provider": "Kubernetes Agent", "reason": reason})


@variant("machine-client-without-redirects", of=("redirect-list-empty",), describe=_machine_ignored)
def machine_client_without_redirects(world: World) -> None:
    """The client of a machine has no redirect URI, and the estate file leaves it out, saying why."""
    model = seeded.provider(world, "grafana")
    pk = max(world.authentik.providers) + 1
    secret = world.secrets.client_secret("k8s-agent")
    world.authentik.providers[pk] = OAuth2Provider(
        pk, "Kubernetes Agent", "k8s-agent", secret, model.authorization_flow, model.invalidation_flow
    )


@variant("invalidation-flow-of-all", of=("invalidation-flow-missing",))
def invalidation_flow_of_all(world: World) -> None:
    """ArgoCD's provider uses the invalidation flow that ends Authentik's own session, too."""
    seeded.provider(world, "argocd").invalidation_flow = world.authentik.flows[INVALIDATION].pk


@variant("probe-user-with-another-address", of=("probe-user-without-email",))
def probe_user_with_another_address(world: World) -> None:
    """The probe user got another e-mail address."""
    seeded.user(world, "conformance-probe").email = "sso-probe@example.org"


@variant("application-without-a-provider", of=("provider-detached",))
def application_without_a_provider(world: World) -> None:
    """Authentik shows a bookmark among its applications, which needs no provider."""
    bookmark = Application(
        stable_uuid("application", "wiki"), "Wiki", "wiki", meta_launch_url="https://wiki.example.org"
    )
    world.authentik.applications["wiki"] = bookmark


@variant("proxies-of-another-network", of=("lan-counts-as-proxy",))
def proxies_of_another_network(world: World) -> None:
    """Authentik believes the proxies of one more network, in which none of its clients are."""
    rules = world.authentik.rules
    rules.trusted_proxies = (*rules.trusted_proxies, "198.51.100.0/24")


@variant("codes-live-for-five-minutes", of=("codes-work-twice",))
def codes_live_for_five_minutes(world: World) -> None:
    """The codes of the suite's own client live longer, and work once all the same."""
    seeded.provider(world, "sso-conformance").access_code_validity = "minutes=5"


@variant("refresh-tokens-for-a-year", of=("refresh-tokens-stay",))
def refresh_tokens_for_a_year(world: World) -> None:
    """The refresh tokens of the suite's own client live for a year, and rotate all the same."""
    seeded.provider(world, "sso-conformance").refresh_token_validity = "days=365"


@variant("devops-administer-argocd", of=("argocd-everybody-is-admin",))
def devops_administer_argocd(world: World) -> None:
    """ArgoCD makes admins of one more group, in which the probe user is not."""
    argocd = world.applications["argocd"]
    before = argocd.role_of
    argocd.role_of = lambda claims: "admin" if "devops" in claims.get("groups", ()) else before(claims)


@variant("grafana-secret-immutable", of=("grafana-secret-missing",))
def grafana_secret_immutable(world: World) -> None:
    """Grafana's Secret was made immutable."""
    world.cluster.get("secrets", "grafana", "grafana-oidc")["immutable"] = True


def _rotate_everywhere(world: World, value: str) -> None:
    seeded.provider(world, "argocd").client_secret = value
    entry = world.cluster.get("externalsecrets", "argocd", "argocd-oidc")
    world.cluster.upstream[entry["spec"]["data"][0]["remoteRef"]["key"]] = value
    secret = world.cluster.get("secrets", "argocd", "argocd-oidc")
    secret["data"]["oidc.authentik.clientSecret"] = base64.b64encode(value.encode()).decode()
    restart(world, "argocd")


@variant("secret-rotated-everywhere", of=("secret-rotated-in-authentik-alone",))
def secret_rotated_everywhere(world: World) -> None:
    """ArgoCD's client secret was rotated upstream and in Authentik, copied by the operator, and taken over."""
    _rotate_everywhere(world, world.secrets.client_secret("argocd, rotated everywhere"))


@variant("secret-with-characters-that-are-escaped", of=("secret-rotated-in-authentik-alone",))
def secret_with_characters_that_are_escaped(world: World) -> None:
    """ArgoCD's client secret was made by a generator that likes percent signs, and ArgoCD escapes it as it should."""
    _rotate_everywhere(world, "%41:+/ü&=%" + world.secrets.client_secret("argocd, by another generator"))


@variant("external-secret-with-a-key-more", of=("external-secret-other-target",))
def external_secret_with_a_key_more(world: World) -> None:
    """ArgoCD's ExternalSecret brings one more key, and the operator wrote it."""
    entry = world.cluster.get("externalsecrets", "argocd", "argocd-oidc")
    further = deepcopy(entry["spec"]["data"][0])
    further["secretKey"], further["remoteRef"]["key"] = "webhook.secret", "ARGOCD_WEBHOOK"
    world.cluster.upstream["ARGOCD_WEBHOOK"] = world.secrets.client_secret("argocd webhook")
    entry["spec"]["data"].append(further)
    sync(world.cluster, entry)


@variant("secret-store-of-somebody-else", of=("secret-store-invalid",))
def secret_store_of_somebody_else(world: World) -> None:
    """A store that no declared ExternalSecret uses cannot be validated."""
    store = deepcopy(world.cluster.get("clustersecretstores", "", "infisical"))
    store["metadata"] = {"name": "vault"}
    store["status"]["conditions"][0] |= {"status": "False", "reason": "InvalidProviderConfig"}
    world.cluster.put(store)


@variant("store-for-these-namespaces", of=("store-for-other-namespaces",))
def store_for_these_namespaces(world: World) -> None:
    """The store is for the namespaces that use it: by name, by an expression, and by the label that each has."""
    store = world.cluster.get("clustersecretstores", "", "infisical")
    first, *others = sorted({entry["metadata"]["namespace"] for entry in world.cluster.list("externalsecrets")})
    by_label = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": first}}}
    store["spec"]["conditions"] = [
        {"namespaces": others[:1]},
        by_label,
        {"namespaceRegexes": [f"^({'|'.join(others)})$"]},
    ]


@variant("worker-image-pinned", of=("worker-left-behind",))
def worker_image_pinned(world: World) -> None:
    """The worker's image is named by tag and digest; the tag is the server's."""
    (pod,) = pods_of(world, "authentik", "authentik-worker")
    for spec in (pod["spec"], seeded.pod_spec(world, "authentik", "authentik-worker")):
        spec["containers"][0]["image"] += f"@sha256:{'a' * 64}"


@variant("rollout-conditions-in-another-order", of=("worker-rollout-stuck",))
def rollout_conditions_in_another_order(world: World) -> None:
    """The conditions of the worker's Deployment are listed the other way round."""
    world.cluster.get("deployments", "authentik", "authentik-worker")["status"]["conditions"].reverse()


@variant("host-variable-with-a-slash", of=("host-variable-of-the-old-domain",))
def host_variable_with_a_slash(world: World) -> None:
    """AUTHENTIK_HOST of the worker ends with a slash."""
    for variable in seeded.container(world, "authentik", "authentik-worker")["env"]:
        if variable["name"] == "AUTHENTIK_HOST":
            variable["value"] += "/"


@variant("host-of-browsers-as-the-outposts", of=("host-browser-beside-the-embedded-outpost",))
def host_of_browsers_as_the_outposts(world: World) -> None:
    """AUTHENTIK_HOST_BROWSER of the server is what the outpost's authentik_host is, with a slash."""
    value = f"{names.AUTH_URL}/"
    seeded.container(world, "authentik", "authentik-server")["env"].append(
        {"name": "AUTHENTIK_HOST_BROWSER", "value": value}
    )
    for replica in world.authentik.replicas:
        replica.host_browser = value


@variant("outpost-instance-of-before", of=("outpost-instance-gone",))
def outpost_instance_of_before(world: World) -> None:
    """The outpost still lists an instance that a rollout replaced, besides the living ones."""
    outpost = seeded.outpost(world)
    before = OutpostInstance("00000000-before", "2026.2.1", hostname="authentik-server-before", connected=False)
    outpost.instances.append(before)


@variant("page-with-another-title", of=("application-behind-the-gate-down",))
def page_with_another_title(world: World) -> None:
    """Sympozium was upgraded, and its page calls itself otherwise."""
    world.applications["sympozium"].title = "Sympozium 2"


@variant("app-password-besides", of=("app-password-wrong",))
def app_password_besides(world: World) -> None:
    """The service account has another app password too, for a month."""
    account = seeded.user(world, "svc-sso-conformance")
    token = Token("besides", account.pk, world.secrets.client_secret("another app password"), "app_password")
    token.expiring, token.expires = True, world.clock.now() + timedelta(days=30)
    world.authentik.directory.tokens[token.identifier] = token


@variant("login-flow-with-another-title", of=("login-flow-without-stages",))
def login_flow_with_another_title(world: World) -> None:
    """The login flow greets people otherwise."""
    world.authentik.flows[AUTHENTICATION].title = "¡Hola!"


@variant("forwarded-prefix-kept", of=("forwarded-uri-kept",))
def forwarded_prefix_kept(world: World) -> None:
    """The entry point lets a client's X-Forwarded-Prefix pass, by which no gate judges."""
    world.edge.forwarded_headers_kept = frozenset({"x-forwarded-prefix"})


def _issuer_declared(estate: Table) -> None:
    infisical = described(estate, "infisical")
    infisical["issuer"] = GLOBAL_ISSUER


@variant(
    "issuer-mode-global-declared", of=("issuer-mode-global", "argocd-trusts-the-old-issuer"), describe=_issuer_declared
)
def issuer_mode_global_declared(world: World) -> None:
    """Infisical's provider was switched to the global issuer; Infisical expects it, and the estate file says so."""
    seeded.provider(world, "infisical").issuer_mode = "global"
    party = world.applications["infisical"]
    known = party.discovery.pop(party.issuer)
    party.issuer = GLOBAL_ISSUER
    party.discovery[GLOBAL_ISSUER] = {**known, "issuer": GLOBAL_ISSUER}


@variant("outpost-replica-has-caught-up", of=("outpost-replica-is-behind",))
def outpost_replica_has_caught_up(world: World) -> None:
    """One replica's outpost has loaded its providers in another order than the other's."""
    view = world.authentik.view(1)
    world.authentik.replicas[1].seen = OutpostView(view.config, list(reversed(view.providers)))


def _trial_ignored(estate: Table) -> None:
    estate.setdefault("ignore", []).append({"provider": "Trial", "reason": "a trial, until the end of the month"})


@variant("provider-more-on-the-outpost", of=("outpost-lost-a-provider",), describe=_trial_ignored)
def provider_more_on_the_outpost(world: World) -> None:
    """The outpost serves one more provider, which the estate file leaves out, saying why."""
    add_gated(world, "a-trial", "Trial", "https://a-trial.frank.derio.net")
