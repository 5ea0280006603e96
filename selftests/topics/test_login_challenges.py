"""Whatever a login flow may ask ends in an answer, or in a sentence that says what was wanted and what to do."""

import pytest

from fixtures.estate.loading import load_estate
from fixtures.exchange.side_effects import answers_login
from fixtures.login.credentials import Credentials
from fixtures.login.executor import Executor, Way, is_flow_page
from fixtures.login.journey import Journey, new_jar
from fixtures.login.responses import refuse_refused, respond
from fixtures.model.kinds import LOGIN_LOOP
from fixtures.model.secret import Secret
from fixtures.model.signals import Broken, NotVerified
from lab.files import ESTATE_TEXT
from selftests.support.answers import answer, json_answer
from selftests.support.logins import SEED

PUBLIC = "https://auth.frank.derio.net"
SOMEBODY = Credentials("somebody", Secret("the password of somebody"))
WITH_A_SEED = Credentials("somebody", Secret("the password of somebody"), Secret(SEED))


def form(kind, *, label="Notice", required=True):
    return {"component": "ak-stage-prompt", "fields": [{"type": kind, "label": label, "required": required}]}


def device(kind):
    return {"component": "ak-stage-authenticator-validate", "device_challenges": [{"device_class": kind}]}


@pytest.mark.parametrize(
    ("challenge", "wanted", "remedy"),
    [
        ({"component": "ak-stage-identification", "user_fields": []}, "nobody can log in", "user fields"),
        (
            {"component": "ak-stage-authenticator-validate", "device_challenges": []},
            "enrol a second factor",
            "totp_seed",
        ),
        (device("totp"), "gives no seed", "totp_seed"),
        ({"component": "ak-stage-authenticator-webauthn"}, "enrol a second factor", "leave somebody out"),
        (form("password", label="New password"), "New password", "by hand"),
        (form("checkbox", label="Terms of use"), "Terms of use", "by hand"),
        ({"component": "ak-stage-prompt", "fields": []}, "form filled in", "by hand"),
        ({"component": "ak-stage-access-denied", "error_message": "Bad reputation"}, "Bad reputation", "Reputation"),
        ({"component": "ak-stage-flow-error", "request_id": "abc123"}, "abc123", "server's log"),
        ({"component": "ak-stage-email"}, "e-mail", "confirm the address"),
        ({"component": "ak-stage-of-the-future"}, "does not know", "report the component"),
    ],
)
def test_what_no_program_answers_is_said(challenge, wanted, remedy):
    with pytest.raises(Broken) as broken:
        respond(challenge, SOMEBODY)
    assert wanted in broken.value.cause
    assert remedy in broken.value.remedy
    assert broken.value.kind
    assert "the password of somebody" not in broken.value.cause + broken.value.remedy


@pytest.mark.parametrize(
    ("challenge", "wanted"),
    [
        (device("webauthn"), "no program has: webauthn"),
        ({"component": "ak-stage-captcha"}, "captcha"),
        ({"component": "ak-stage-identification", "captcha_stage": {"x": 1}, "user_fields": ["username"]}, "captcha"),
        (device("email"), "no program has: email"),
        ({"component": "ak-stage-identification", "user_fields": [], "sources": [{"name": "GitHub"}]}, "(GitHub)"),
        ({"component": "ak-stage-identification", "sources": [{"name": "A"}, {"name": "B"}]}, "(A, B)"),
    ],
)
def test_what_only_a_person_can_do_is_no_trouble(challenge, wanted):
    with pytest.raises(NotVerified) as open_:
        respond(challenge, SOMEBODY)
    assert wanted in open_.value.reason


@pytest.mark.parametrize(
    ("challenge", "answer"),
    [
        ({"component": "ak-stage-identification", "user_fields": ["username"]}, {"uid_field": "somebody"}),
        (
            {"component": "ak-stage-identification", "user_fields": ["username"], "password_fields": True},
            {"uid_field": "somebody", "password": "the password of somebody"},
        ),
        ({"component": "ak-stage-password"}, {"password": "the password of somebody"}),
        ({"component": "ak-stage-consent", "token": "of this consent"}, {"token": "of this consent"}),
        ({"component": "ak-stage-user-login"}, {"remember_me": False}),
        (form("static"), {}),
        (form("ak-locale", required=False), {}),
    ],
)
def test_what_is_usual_is_answered(challenge, answer):
    assert respond(challenge, SOMEBODY) == {"component": challenge["component"], **answer}


def test_a_deny_stage_of_another_flow_is_an_answer_and_the_logins_own_is_not():
    class Denying(Endless):
        def get(self, url, **_):
            return answer(302, url=url, location=f"{PUBLIC}/if/flow/{self.flow}/")

    door = Denying("ak-stage-access-denied")
    journey = Journey(door, load_estate(ESTATE_TEXT), SOMEBODY)
    door.flow = "authorize-for-some"
    assert journey.browse("https://grafana.frank.derio.net/login").denied
    door.flow = "default-authentication-flow"
    with pytest.raises(Broken, match="denies somebody the login"):
        journey.browse("https://grafana.frank.derio.net/login")


def test_frames_that_tell_applications_of_a_logout_are_gone_past_by_anybody():
    frames = {"component": "ak-provider-iframe-logout", "logout_urls": [{"url": "https://grafana.frank.derio.net/bye"}]}
    assert respond(frames, None) == respond(frames, SOMEBODY) == {"component": "ak-provider-iframe-logout"}


@pytest.mark.parametrize("component", ["ak-stage-session-end", "ak-provider-saml-native-logout"])
def test_a_logout_may_end_at_a_page(component):
    page = f"{PUBLIC}/if/flow/default-invalidation-flow/"
    assert Executor(Endless(component), new_jar()).walk(page, None) == Way("")


def test_a_second_factor_is_answered_by_its_code():
    assert respond(device("totp"), WITH_A_SEED)["code"].isdigit()


def test_a_seed_that_is_none_is_said():
    with pytest.raises(Broken, match="no base32"):
        respond(device("totp"), Credentials("somebody", Secret("…"), Secret("not a seed!")))


def test_where_nobody_may_log_in_no_credential_is_used():
    with pytest.raises(Broken, match="has a session"):
        respond({"component": "ak-stage-password"}, None)


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        ("ak-stage-password", "tried once"),
        ("ak-stage-identification", "tried once"),
        ("ak-stage-authenticator-validate", "TOTP code"),
        ("ak-stage-consent", "does not accept"),
    ],
)
def test_a_refused_answer_is_said_and_not_repeated(answered, said):
    errors = {"password": [{"string": "Invalid password", "code": "invalid"}]}
    with pytest.raises(Broken, match=said):
        refuse_refused({"component": answered, "response_errors": errors}, answered, SOMEBODY)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{PUBLIC}/if/flow/default-authentication-flow/?next=/", True),
        (f"{PUBLIC}/application/o/authorize/", False),
        (f"{PUBLIC}.evil.example/if/flow/default-authentication-flow/", False),
        (f"{PUBLIC}@evil.example/if/flow/default-authentication-flow/", False),
        ("http://auth.frank.derio.net/if/flow/default-authentication-flow/", False),
        (f"{PUBLIC}:8443/if/flow/default-authentication-flow/", False),
        ("https://grafana.frank.derio.net/if/flow/default-authentication-flow/", False),
        ("https://login.frank.derio.net/if/flow/default-authentication-flow/", True),
    ],
)
def test_credentials_go_to_flows_of_authentik_alone(url, expected):
    assert is_flow_page(url, (PUBLIC, "https://login.frank.derio.net")) is expected


class Endless:
    """A door behind which every answer leads on: to a new address, or to one more stage."""

    def __init__(self, *components):
        self.asked = 0
        self.components = components

    def leads_to(self, url):
        return True

    def get(self, url, **_):
        self.asked += 1
        return answer(302, url=url, location=f"https://grafana.frank.derio.net/{self.asked}")

    @property
    def estate(self):
        return load_estate(ESTATE_TEXT)

    def request(self, method, url, **_):
        self.asked += 1
        component = self.components[self.asked % len(self.components)]
        return json_answer({"component": component}, url=url)


def test_a_hostile_chain_of_redirects_ends_at_the_estates_bound():
    door, estate = Endless(), load_estate(ESTATE_TEXT)
    with pytest.raises(Broken) as broken:
        Journey(door, estate).browse("https://grafana.frank.derio.net/login")
    assert broken.value.kind == LOGIN_LOOP
    assert door.asked == estate.bounds.max_redirects


def test_a_flow_without_an_end_is_left():
    door = Endless("ak-stage-consent", "ak-stage-user-login")
    with pytest.raises(Broken, match="does not end"):
        Executor(door, new_jar()).walk(f"{PUBLIC}/if/flow/default-authentication-flow/", SOMEBODY)
    assert door.asked <= 100


def test_nobody_waits_for_the_next_code_when_the_run_is_over():
    class Over(Endless):
        def pause(self, seconds):
            assert 0 < seconds <= 31
            return False

        def request(self, method, url, **_):
            self.asked += 1
            return json_answer(device("totp"), url=url)

    door = Over()
    with pytest.raises(NotVerified, match="stopped"):
        Executor(door, new_jar()).walk(f"{PUBLIC}/if/flow/default-authentication-flow/", WITH_A_SEED)
    # The challenge, and one code, where there is one to take: not a second.
    assert door.asked <= 2


CALLBACK = "https://grafana.frank.derio.net/login/generic_oauth"


@pytest.mark.parametrize(
    ("attrs", "form"),
    [
        (
            {"code": "of this login", "state": "s", "expires_in": 300},
            {"code": "of this login", "state": "s", "expires_in": "300"},
        ),
        ({}, {}),
        (None, {}),
    ],
)
def test_a_form_in_place_of_a_redirect_is_posted_where_it_leads(attrs, form):
    class Posting(Endless):
        def request(self, method, url, **_):
            challenge = {"component": "ak-stage-autosubmit", "url": CALLBACK, "attrs": attrs}
            return json_answer(challenge, url=url)

    page = f"{PUBLIC}/if/flow/default-provider-authorization-implicit-consent/"
    assert Executor(Posting(), new_jar()).walk(page, None) == Way(CALLBACK, form)


@pytest.mark.parametrize("to", ["https://[", "https://a:b/", f"https://a/{'a' * 70_000}", "https://a/\ud800"])
def test_a_flow_that_ends_with_no_address(to):
    class Leading(Endless):
        def request(self, method, url, **_):
            return json_answer({"component": "xak-flow-redirect", "to": to}, url=url)

    with pytest.raises(Broken, match="an address that cannot be read") as stop:
        Executor(Leading(), new_jar()).walk(f"{PUBLIC}/if/flow/default-authentication-flow/", None)
    assert len(stop.value.cause.encode()) < 400


@pytest.mark.parametrize(
    ("form", "is_answer"),
    [
        ({"code": "c", "state": "s"}, True),
        ({"error": "access_denied", "state": "s"}, True),
        ({"id_token": "t", "state": "s"}, True),
        ({"code": "c"}, False),
        ({"state": "s"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_only_the_answer_to_a_login_may_be_posted_by_a_form(form, is_answer):
    assert answers_login(form) is is_answer
