"""What people meet who log in, in a real browser at the lab: each ends in a sentence that says what is seen there."""

import os
from unittest.mock import patch

import pytest

from fixtures.doors.context import RunContext
from fixtures.estate.loading import load_estate
from fixtures.login.credentials import Credentials
from fixtures.login.journey import new_jar
from fixtures.model.outcomes import LARGEST_PICTURE
from fixtures.model.secret import Secret
from fixtures.model.signals import Broken, NotVerified
from fixtures.topics.seen.rules import not_the_page
from fixtures.topics.seen.visits import see_login, see_page
from lab import seeded
from lab.authentik.flows.model import AUTHENTICATION, EXPLICIT_CONSENT, Stage
from lab.authentik.providers import PolicyBinding, RedirectURI
from lab.faults.login_flow import PROBE
from lab.lab import Lab
from selftests.support import browser
from selftests.support.asking import asking
from selftests.support.logins import SEED

WRONG = "not the password of the probe user"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The lab, and the doors of a run against it."""
    browser.required()
    with Lab() as lab, patch.dict(os.environ, lab.environment):
        estate = load_estate(lab.write_state(tmp_path_factory.mktemp("lab")))
        context = RunContext(estate, "seen", vantage="outside", allow_writes=False)
        yield lab, context
        context.cleanup.run(20)


@pytest.fixture
def world(served):
    yield served[0].world
    served[0].heal()


class Visitor:
    """Logs in as the probe user, and keeps what a report would say of it."""

    def __init__(self, lab, context):
        self.context, self.password, self.seed = context, lab.world.secrets.probe_password, None
        self.estate = context.estate
        self.log = asking("account", "app_seen")

    def __call__(self, look, *arguments):
        given = Credentials(PROBE, Secret(self.password), self.seed and Secret(self.seed))
        door = self.context("browser", self.log)
        return door.visit(lambda tab: look(tab, self.estate, given, *arguments), jar=new_jar())

    def into_grafana(self):
        """What is wrong with the page that a login into Grafana ends at, in the words of a report."""
        app = next(app for app in self.estate.oidc if app.name == "grafana")
        return not_the_page(self(see_page, f"{app.url}/login/generic_oauth"), self.estate, app)


@pytest.fixture
def visitor(served, world):
    visitor = Visitor(*served)
    yield visitor
    said = repr(visitor.log.exchanges) + "".join(picture.caption + picture.why_not for picture in visitor.log.pictures)
    state = world.authentik
    for secret in (visitor.password, SEED, *state.codes, *state.access_tokens, *state.sessions):
        assert secret not in said
    (picture,) = visitor.log.pictures
    assert 0 < len(picture.data) <= LARGEST_PICTURE


def stages(world):
    return world.authentik.flows[AUTHENTICATION].stages


def before_login(world, kind, **settings):
    stages(world).insert(-1, Stage("pk", kind, kind, settings))


def second_factor(world, *others):
    probe = seeded.user(world, PROBE)
    probe.totp_seed, probe.other_devices = SEED, list(others)


def kept_out(world):
    binding = PolicyBinding("pk", group=seeded.group(world, "platform-admins").pk)
    world.authentik.applications["grafana"].bindings = [binding]


def unregistered(world):
    seeded.provider(world, "grafana").redirect_uris = [RedirectURI("https://grafana.frank.derio.net/elsewhere")]


@pytest.mark.parametrize(
    ("change", "said", "way_out"),
    [
        (
            kept_out,
            f"Authentik's policies deny {PROBE} grafana: the page says 'Permission denied'",
            "core/applications/grafana",
        ),
        (unregistered, "/application/o/authorize/ (400, 'Redirect URI Error')", "redirect URIs"),
    ],
)
def test_a_page_of_authentiks_own_is_named(world, visitor, change, said, way_out):
    change(world)
    wrong = visitor.into_grafana()
    assert said in wrong.what
    assert way_out in wrong.remedy


def captcha(world):
    before_login(world, "captcha", public_key="6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI")


def captcha_at_once(world):
    stages(world)[0].settings["captcha_stage"] = {"js_url": "https://captcha.example.org/api.js", "interactive": True}


def security_key(world):
    seeded.user(world, PROBE).other_devices = ["webauthn"]


def keys_alone(world):
    seeded.user(world, PROBE).other_devices = ["webauthn", "static"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (captcha, "wants a captcha solved"),
        (captcha_at_once, "wants a captcha solved"),
        (security_key, "no program has: webauthn"),
        (keys_alone, "no program has: security keys"),
    ],
)
def test_what_only_a_person_can_do_is_not_verified(world, visitor, change, said):
    change(world)
    with pytest.raises(NotVerified, match=said) as signal:
        visitor.into_grafana()
    assert signal.value.need == "user"


def denied(world):
    before_login(world, "deny", deny_message="Too many failed attempts from this address.")


def form(world):
    field = {"type": "text", "label": "Cost center", "field_key": "cost", "required": True, "initial_value": ""}
    before_login(world, "prompt", fields=[field])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (denied, f"Authentik denies {PROBE} the login (Request has been denied. Too many failed attempts from"),
        (form, "Authentik wants a form filled in (Cost center)"),
        (second_factor, f"Authentik wants a second factor of {PROBE} (TOTP), and the estate file gives no seed"),
    ],
)
def test_a_login_that_stops_is_told_as_people_see_it(world, visitor, change, said):
    change(world)
    with pytest.raises(Broken) as stop:
        visitor.into_grafana()
    assert stop.value.cause.startswith(f"in a browser, {said}")
    assert stop.value.kind
    assert stop.value.remedy


def test_a_wrong_password_is_typed_once_and_is_no_part_of_the_picture(world, visitor):
    visitor.password = WRONG
    seen = visitor(see_login)
    assert str(seen.stop).startswith(
        f"in a browser, Authentik refuses the credentials of {PROBE} (Invalid password): the password is wrong"
    )
    assert not seen.signed_out
    assert [event.action for event in world.authentik.operations.events].count("login_failed") == 1


def test_a_code_of_another_seed_is_refused(world, visitor):
    second_factor(world)
    visitor.seed = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
    assert str(visitor(see_login).stop).startswith(f"in a browser, Authentik refuses the TOTP code of {PROBE}")


def consent(world):
    seeded.provider(world, "grafana").authorization_flow = world.authentik.flows[EXPLICIT_CONSENT].pk


def several_devices(world):
    second_factor(world, "webauthn", "static")


def notice(world):
    before_login(world, "prompt", fields=[{"type": "static", "label": "", "initial_value": "Maintenance on Sunday"}])


@pytest.mark.parametrize("change", [consent, second_factor, several_devices, notice])
def test_what_people_get_through_is_got_through(world, visitor, change):
    change(world)
    visitor.seed = SEED
    assert visitor.into_grafana() is None
