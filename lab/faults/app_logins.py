"""Faults that show only to somebody who logs in to an application, or out of it (runbook H3, D1)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.providers import Application, PolicyBinding
from lab.cluster.seed.gitops import GRAFANA_ROLES
from lab.faults import fault
from lab.faults.rewriting import where, without_cookies
from lab.registry import Table, described
from lab.world import World


def _at(world: World, slug: str) -> Application:
    return world.authentik.applications[slug]


def _for_admins_only(world: World, slug: str) -> None:
    admins = seeded.group(world, "platform-admins")
    _at(world, slug).bindings = [PolicyBinding(stable_uuid("binding", f"admins of {slug}"), group=admins.pk)]


def _loses_cookie(world: World, application: str, cookie: str) -> None:
    """Something in front of an application takes one of its cookies off its answers."""
    host = names.public_host(application)
    world.applications.tampering.append(where(lambda request, _: request.url.hostname == host, without_cookies(cookie)))


@fault(
    "infisical-holds-an-old-secret",
    known_from="recordings/argocd: fault-wrong-client-secret",
    turns_red=("OIDC-LOGIN-01[infisical]",),
    blocks=("[infisical]",),
)
def infisical_holds_an_old_secret(world: World) -> None:
    """Infisical's own settings still hold the client secret of before the rotation: its callback answers 500."""
    world.applications["infisical"].client_secret = world.secrets.client_secret("infisical before the rotation")


def _reads_its_log(estate: Table) -> None:
    described(estate, "grafana")["read_log"] = True


@fault(
    "grafana-knows-the-user-from-before",
    known_from="field/reports.md 35; grafana/grafana#74154: 302 to /login, and the log says that the user exists",
    turns_red=("OIDC-LOGIN-01[grafana]",),
    blocks=("[grafana]",),
    describe=_reads_its_log,
)
def grafana_knows_the_user_from_before(world: World) -> None:
    """Somebody made a user of the probe user's address in Grafana by hand, and Grafana joins nobody by address."""
    world.applications["grafana"].strangers.add(seeded.user(world, "conformance-probe").email)
    _may_read_its_log(world)


@fault(
    "grafana-accepts-other-groups",
    known_from="grafana.com, allowed_groups; its source: errMissingGroupMembership",
    turns_red=("OIDC-LOGIN-01[grafana]",),
    blocks=("[grafana]",),
    describe=_reads_its_log,
)
def grafana_accepts_other_groups(world: World) -> None:
    """Grafana accepts users of two groups alone (allowed_groups), and the probe user is in neither."""
    world.applications["grafana"].allowed_groups = frozenset({"platform-admins", "devops"})
    _may_read_its_log(world)


def _may_read_its_log(world: World) -> None:
    rules = world.cluster.get("roles", "grafana", "sso-conformance")["rules"]
    rules.append({"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]})


@fault(
    "secret-rotated-in-authentik-alone",
    known_from="runbook R4, stopped after its first step",
    turns_red=("OIDC-TOKEN-03[argocd]",),
    blocks=("[argocd]",),
)
def secret_rotated_in_authentik_alone(world: World) -> None:
    """ArgoCD's client secret was rotated in Authentik, and nowhere else."""
    provider = seeded.provider(world, "argocd")
    provider.client_secret = world.secrets.client_secret("argocd after the rotation")


@fault(
    "state-cookie-lost",
    known_from="facts/argocd.md: 'http: named cookie not present'",
    turns_red=("OIDC-LOGIN-01[argocd]",),
    blocks=("[argocd]",),
)
def state_cookie_lost(world: World) -> None:
    """A proxy in front of ArgoCD drops its state cookie, so that no callback finds the login it belongs to."""
    _loses_cookie(world, "argocd", "argocd.oauthstate")


@fault("grafana-login-loop", known_from="runbook D1", turns_red=("OIDC-LOGIN-01[grafana]",), blocks=("[grafana]",))
def grafana_login_loop(world: World) -> None:
    """Grafana logs in by itself (auto_login), and its session cookie is lost on the way: it starts ever anew."""
    _loses_cookie(world, "grafana", "grafana_session")

    def starts_anew(request: Request, response: Response) -> Response:
        if request.url.hostname == names.public_host("grafana") and response.headers.get("location") == "/login":
            response.headers["location"] = "/login/generic_oauth"
        return response

    world.applications.tampering.append(starts_anew)


@fault(
    "grafana-denied-by-policy",
    known_from="a binding for admins alone",
    turns_red=("OIDC-LOGIN-01[grafana]",),
    blocks=("[grafana]",),
)
def grafana_denied_by_policy(world: World) -> None:
    """Grafana's application was bound to the platform's admins, which keeps everybody else out."""
    _for_admins_only(world, "grafana")


@fault("grafana-maps-roles-wrongly", known_from="role_attribute_path", turns_red=("OIDC-LOGIN-02[grafana]",))
def grafana_maps_roles_wrongly(world: World) -> None:
    """Grafana's role mapping makes an editor of everybody who is in any group."""
    world.applications["grafana"].role_of = lambda claims: "Editor" if claims.get("groups") else "Viewer"
    ini = world.cluster.get("configmaps", "grafana", "grafana")["data"]
    ini["grafana.ini"] = ini["grafana.ini"].replace(GRAFANA_ROLES, "length(groups) > `0` && 'Editor' || 'Viewer'")


@fault("argocd-everybody-is-admin", known_from="policy.default: role:admin", turns_red=("OIDC-LOGIN-02[argocd]",))
def argocd_everybody_is_admin(world: World) -> None:
    """ArgoCD's default policy makes everybody an admin."""
    world.applications["argocd"].role_of = lambda _: "admin"
    world.cluster.get("configmaps", "argocd", "argocd-rbac-cm")["data"]["policy.default"] = "role:admin"


@fault(
    "groups-claim-missing",
    known_from="an expression that was edited by hand",
    turns_red=("OIDC-PROV-09[argocd]", "OIDC-PROV-09[grafana]"),
    blocks=("OIDC-LOGIN",),
)
def groups_claim_missing(world: World) -> None:
    """The profile mapping's expression does not return the groups any more."""
    mapping = world.authentik.scope_mappings[stable_uuid("scope", "profile")]
    whole = mapping.evaluate
    mapping.evaluate = lambda directory, user, application: {
        name: value for name, value in whole(directory, user, application).items() if name != "groups"
    }


@fault("argocd-logout-forgets-the-cookie-only", known_from="ArgoCD without Redis", turns_red=("OIDC-LOGIN-03[argocd]",))
def argocd_logout_forgets_the_cookie_only(world: World) -> None:
    """ArgoCD's logout takes the cookie back, and whoever copied it stays logged in."""
    world.applications["argocd"].logout_ends_session = False


@fault(
    "infisical-open-to-everybody", known_from="a binding lost in a blueprint", turns_red=("OIDC-LOGIN-04[infisical]",)
)
def infisical_open_to_everybody(world: World) -> None:
    """Infisical's application lost its policy bindings: without any, everybody may use it."""
    _at(world, "infisical").bindings = []


@fault(
    "any-policy-is-enough",
    known_from="Authentik's documentation: an application's policy engine mode is any, where nobody chooses all",
    turns_red=("OIDC-LOGIN-04[grafana]",),
    options=("--lab-shape", "policies-of-many-kinds"),
)
def any_policy_is_enough(world: World) -> None:
    """Grafana's bindings had to agree, and since it was made anew any of them is enough: bob gets in by his group."""
    world.authentik.applications["grafana"].policy_engine_mode = "any"


@fault(
    "one-binding-too-many",
    known_from="Authentik's documentation: where all have to agree, one that does not is enough to refuse",
    turns_red=("FWD-PASS-01[longhorn]",),
    options=("--lab-shape", "policies-of-many-kinds"),
    blocks=("FWD-PASS-04[longhorn]", "FWD-PASS-05[longhorn]"),
)
def one_binding_too_many(world: World) -> None:
    """Longhorn's bindings have to agree, and a new one, negated, names the probe user."""
    longhorn, probe = world.authentik.applications["longhorn"], seeded.user(world, "conformance-probe")
    pk = stable_uuid("binding", "longhorn without the probe user")
    longhorn.bindings.append(PolicyBinding(pk, user=probe.pk, negate=True))
