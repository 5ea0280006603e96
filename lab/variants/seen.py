"""Pages that are a little different in a browser, and work."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.applications.manners import MANNERS
from lab.authentik.flows.model import AUTHENTICATION, EXPLICIT_CONSENT
from lab.faults.rewriting import at, replacing, where
from lab.faults.seen import front_page, login_page_gets, script, with_policy
from lab.variants import variant
from lab.world import World


@variant("login-script-with-a-query", of=("login-script-missing", "stage-scripts-missing", "sign-out-page-blank"))
def login_script_with_a_query(world: World) -> None:
    """The pages name their script with a query behind it, by which caches are told releases apart."""
    world.authentik.tampering.append(where(at("/if/flow/"), replacing(".js'", ".js?v=1'")))


@variant("login-asks-to-stay-signed-in", of=("login-form-hidden",))
def login_asks_to_stay_signed_in(world: World) -> None:
    """The login's last stage asks whether to stay signed in."""
    stages = world.authentik.flows[AUTHENTICATION].stages
    next(stage for stage in stages if stage.kind == "user_login").settings["remember_me_offset"] = "days=30"


@variant("login-offers-other-ways", of=("login-form-hidden", "login-denied"))
def login_offers_other_ways(world: World) -> None:
    """Name and password stand on one page, beside a security key and a login by another source."""
    stages = {stage.kind: stage for stage in world.authentik.flows[AUTHENTICATION].stages}
    stages["identification"].settings |= {
        "password_stage": stages["password"].pk,
        "passwordless": "/if/flow/default-passwordless/",
        "sources": [{"name": "GitHub", "icon_url": None, "promoted": True, "challenge": {}}],
    }


@variant("grafana-asks-for-consent", of=("grafana-page-starts-over",))
def grafana_asks_for_consent(world: World) -> None:
    """Authentik asks people each time whether Grafana may know who they are."""
    seeded.provider(world, "grafana").authorization_flow = world.authentik.flows[EXPLICIT_CONSENT].pk


@variant("policy-that-reports-alone", of=("policy-against-inline-scripts",))
def policy_that_reports_alone(world: World) -> None:
    """A middleware tries out a policy that Authentik's pages do not bear: it only reports, to the auth host itself."""

    def change(_: Request, response: Response) -> Response:
        response.headers["content-security-policy-report-only"] = "default-src 'self'; report-uri /csp"
        return response

    world.edge.tampering.append(where(at("/if/flow/"), change))


@variant("sympozium-page-with-all-that-browsers-have", of=("longhorn-page-empty", "longhorn-page-reloads"))
def sympozium_page_with_all_that_browsers_have(world: World) -> None:
    """Sympozium's page speaks up, opens a window, asks before it is left, and never stops talking to its server."""
    lines = (
        "alert('New: dark mode'); confirm('Take the tour?'); window.open('/tour')",
        "setInterval(() => fetch('/poll'), 200)",
        "navigator.serviceWorker.register('/worker.js'); new EventSource('/stream')",
        "new WebSocket(`wss://${location.host}/live`)",
        "addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'unsaved' })",
    )
    front_page(world, "sympozium", f"<h1>Sympozium</h1><script>{';'.join(lines)}</script>")


@variant("whoami-page-comes-anew", of=("longhorn-page-reloads",))
def whoami_page_comes_anew(world: World) -> None:
    """The page of whoami is loaded anew each two seconds, as pages of a state are."""
    front_page(world, "whoami", "<meta http-equiv='refresh' content='2'><p>Hostname: whoami</p>")


@variant("argocd-page-in-closed-roots", of=("grafana-page-empty", "longhorn-page-blank"))
def argocd_page_in_closed_roots(world: World) -> None:
    """ArgoCD's page is an element of its own with a closed shadow root: no script sees into it."""
    draws = "this.attachShadow({ mode: 'closed' }).innerHTML = '<h1>Applications</h1>'"
    element = f"customElements.define('argo-ui', class extends HTMLElement {{ connectedCallback() {{ {draws} }} }})"
    front_page(world, "argocd", f"<argo-ui></argo-ui><script>{element}</script>")


@variant("login-style-of-the-brand", of=("login-style-missing", "login-form-hidden"))
def login_style_of_the_brand(world: World) -> None:
    """The brand's custom CSS gives the login page a colour."""
    login_page_gets(world, "<style>ak-flow-executor { background: navy; }</style>")


@variant("policy-that-authentik-bears", of=("policy-against-inline-scripts",))
def policy_that_authentik_bears(world: World) -> None:
    """A middleware adds a Content-Security-Policy that allows what Authentik's pages do."""
    own = "'self' 'unsafe-inline'"
    policy = f"default-src 'self'; script-src {own}; style-src {own}; frame-ancestors 'none'"
    world.edge.tampering.append(where(at("/if/flow/"), with_policy(policy)))


@variant("login-page-names-its-port", of=("login-page-asks-by-plain-http",))
def login_page_names_its_port(world: World) -> None:
    """The login page asks the API with the port in the address, which is the one implied."""
    told = replacing(f'"base": "{names.AUTH_URL}', f'"base": "{names.AUTH_URL}:443')
    world.authentik.tampering.append(where(at("/if/flow/"), told))


@variant("login-page-says-something", of=("login-page-complains",))
def login_page_says_something(world: World) -> None:
    """What the brand adds to the login page says in the console that it is there."""
    login_page_gets(world, "<script>console.info('branded'); console.warn('a warning is no error');</script>")


@variant("login-page-links-elsewhere", of=("login-page-asks-a-stranger",))
def login_page_links_elsewhere(world: World) -> None:
    """The login page names another site for whoever follows a link, and asks nothing there."""
    login_page_gets(world, "<link rel='help' href='https://help.example.org/'>")


@variant("grafana-page-goes-on", of=("grafana-page-starts-over",))
def grafana_page_goes_on(world: World) -> None:
    """The script of Grafana's page goes on once, to the address with the organisation in it."""
    front_page(
        world,
        "grafana",
        "<h1>Grafana</h1><script>if (!location.search) location.replace('/?orgId=1')</script>",
    )


@variant("pages-drawn-by-scripts", of=("grafana-page-empty", "longhorn-page-empty", "longhorn-page-blank"))
def pages_drawn_by_scripts(world: World) -> None:
    """The pages of Longhorn are drawn by a script, which comes through the gate like everything, and takes its time."""
    front_page(world, "longhorn", "<div id='root'></div><script src='/index.1.js'></script>")
    late = "setTimeout(() => { document.getElementById('root').textContent = 'Volumes' }, 1500)"
    script(world, "longhorn", "/index.1.js", late)


@variant("hubble-page-asks-a-stranger", of=("longhorn-page-empty",))
def hubble_page_asks_a_stranger(world: World) -> None:
    """The page of Hubble shows a picture of somebody else's: that is told, and no login is the worse for it."""
    front_page(world, "hubble", "<h1>Hubble UI</h1><img alt='' src='https://avatars.example.org/0f1e.png'>")


@variant("grafana-says-goodbye", of=("grafana-logs-in-by-itself",))
def grafana_says_goodbye(world: World) -> None:
    """Grafana's logout leads to its login page with a parameter, and there it ends."""
    host = names.public_host("grafana")

    def change(request: Request, response: Response) -> Response:
        if request.url.hostname == host and request.url.path == "/logout":
            response.headers["location"] = "/login?signedOut=true"
        return response

    world.applications.tampering.append(change)


@variant("hub-page-drawn-late", of=("hub-without-its-button",))
def hub_page_drawn_late(world: World) -> None:
    """The Hub's login page is drawn by a script that takes its time, and asks nobody to be named as it is written."""
    host, entrance = names.public_host("jupyterhub"), MANNERS["jupyterhub"].entrance
    written = entrance.replace("Sign in", "<span>SIGN</span> IN")
    late = f"<main></main><script>setTimeout(() => {{ document.querySelector('main').innerHTML = `{written}` }}, 700)"
    drawn = replacing(entrance, f"{late}</script>")
    world.applications.tampering.append(where(lambda request, _: request.url.hostname == host, drawn))
