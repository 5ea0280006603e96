"""/crypto/certificatekeypairs/, /core/authenticated_sessions/ and /policies/reputation/scores/."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, moment
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, equals, same, truth
from lab.authentik.keys import CertificateKeyPair
from lab.authentik.sessions import Session
from lab.world import World


def _pair_body(_: Call, pair: CertificateKeyPair) -> Body:
    address = f"/api/v3/crypto/certificatekeypairs/{pair.pk}"
    return {
        "pk": pair.pk,
        "name": pair.name,
        "fingerprint_sha256": pair.fingerprint("sha256"),
        "fingerprint_sha1": pair.fingerprint("sha1"),
        "cert_expiry": moment(pair.expires),
        "cert_subject": pair.parsed.subject.rfc4514_string(),
        "private_key_available": True,
        "key_type": pair.kind,
        "certificate_download_url": f"{address}/view_certificate/?download",
        "private_key_download_url": f"{address}/view_private_key/?download",
        "managed": None,
    }


_PAIRS: Final = Listing[CertificateKeyPair](
    shape=_pair_body,
    rows=lambda call: call.visible("authentik_crypto.view_certificatekeypair", call.state.certificates.values()),
    order=("name",),
    computed={"cert_expiry": attrgetter("expires")},
    filters=same("name") | {"has_key": truth(lambda _: True)},
    search=("name",),
    model="CertificateKeyPair",
)


_UNPARSED: Final[dict[str, Any]] = {
    "user_agent": {"family": "Other", "major": None, "minor": None, "patch": None},
    "os": {"family": "Other", "major": None, "minor": None, "patch": None, "patch_minor": None},
    "device": {"family": "Other", "brand": None, "model": None},
}


def _session_body(_: Call, session: Session) -> Body:
    return {
        "uuid": session.uuid,
        "current": False,
        "user_agent": {"string": session.user_agent, **_UNPARSED},
        "geo_ip": None,
        "asn": None,
        "user": session.user,
        "last_ip": session.last_ip,
        "last_user_agent": session.user_agent,
        "last_used": moment(session.last_used or session.created),
        "expires": moment(session.expires),
    }


def _signed_in(call: Call) -> list[Session]:
    sessions = [session for session in call.state.sessions.values() if session.user is not None]
    permission = "authentik_core.view_authenticatedsession"
    return call.visible(permission, sessions, owner=lambda session: session.user or 0)


_SESSIONS: Final = Listing[Session](
    shape=_session_body,
    rows=_signed_in,
    order=("created",),
    computed={"user__username": lambda session: session.user or 0},
    filters={"session__last_ip": equals("last_ip")},
)


def _sessions(call: Call) -> Reply:
    rows, wanted = _signed_in(call), call.query("user__username")
    if wanted:
        user = call.directory.user(wanted)
        rows = [session for session in rows if user is not None and session.user == user.pk]
    return _SESSIONS.page(call, rows)


def _no_scores(call: Call) -> list[Body]:
    none: list[Body] = []
    return call.visible("authentik_policies_reputation.view_reputation", none)


_SCORES: Final = Listing[Body](shape=lambda _, score: score, rows=_no_scores, order=("pk",))


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "crypto/certificatekeypairs/", LIST, get=_PAIRS.all),
        endpoint(world, "crypto/certificatekeypairs/{pk}/", DETAIL, get=_PAIRS.detail),
        endpoint(world, "core/authenticated_sessions/", READ, get=_sessions),
        endpoint(world, "policies/reputation/scores/", READ, get=_SCORES.all),
    ]
