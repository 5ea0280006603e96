"""Other names for the recorded estate: a replay under them fails wherever an answer is canned."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

# Client ids that Authentik drew for the gated applications.
CLIENT_IDS = {
    "longhorn": "ErnfIsjJHWAW4FhzrMPnPB24FRSIVsE9C4hGb0Gk",
    "hubble": "ymEw440B9uPff4knij486TG7LM1BqZ6vwxpIQ935",
    "sympozium": "HIStElMOUmKlck4q8N8MfV24pYnv3vl6UH3FoIAG",
    "unassigned": "ZcGlzd0QudZ0uALjBOFMLXjME7qbVvkl4dk4U8Pl",
    "lan": "BzSxeFuWH4TfjJootvxLypFCjR6RdSyrFkLiyKuM",
    "standalone": "1d2dUE37tKPZbxWv9U2KOH0awjx5LdJWE0QV7SU2",
}
# Those that a later installation drew for the same applications.
LATER_CLIENT_IDS = {
    "longhorn": "3eA4eJvz5VQCVtVvGgqVhTXfzj8JsmkoTiGgPD1m",
    "hubble": "j2qRR2OZgdFCBq3fdyJDUakKLnkWwIQTJZKT9vM4",
    "sympozium": "iFvnvOthhiSAUwUHRkKBzN9HcowwD1jPHJeo7dNc",
}
# What the lab calls otherwise in any case; the objects are the same.
ALWAYS = {
    "argocd-oidc-secret": "argocd-oidc",
}
# Word -> word. Where a word stands inside a longer one (argocd-client-id), it is replaced there as well.
OTHER_WORDS = {
    "longhorn": "steerhide",
    "Longhorn": "Steerhide",
    "hubble": "lensview",
    "Hubble": "Lensview",
    "sympozium": "panelist",
    "Sympozium": "Panelist",
    "unassigned": "orphaned",
    "Unassigned": "Orphaned",
    "grafana": "dashwall",
    "Grafana": "Dashwall",
    "infisical": "lockbox",
    "Infisical": "Lockbox",
    "alice": "amelia",
    "Alice": "Amelia",
    "bob": "gustav",
    "Bob": "Gustav",
    "carol": "hedwig",
    "Carol": "Hedwig",
    "dave": "otto",
    "Dave": "Otto",
    "platform-admins": "tower-keepers",
    "devops": "shipwrights",
    "developers": "carpenters",
    "st4te": "fr3sh-sketch",
    "n0nce": "0nce-m0re",
    "auth.frank": "signin.frank",
    "nosuchapp": "nothing-here",
    "evil.example": "wicked.example",
    "conformance-probe": "visitor-robot",
    "sso-audit": "night-watch",
    "inspector": "lamplighter",
}
# A word begins where no letter stands before it, or the last letter of a percent-escape.
BEGINS = r"(?:(?<![A-Za-z])|(?<=[0-9][A-F]))"
# Argo CD's own cookies keep their names.
ARGOCD = re.compile(rf"{BEGINS}(?:argocd(?![a-z])(?!\.(?:oauthstate|token)\b)|ArgoCD\b)")


def gate_cookie(client_id: str) -> str:
    """The name of the gate's cookie for that client."""
    return f"authentik_proxy_{hashlib.sha256(client_id.encode()).hexdigest()[:8]}"


def as_first(text: str) -> str:
    """The text with what a later installation drew replaced by what the first one had."""
    for slug, later in LATER_CLIENT_IDS.items():
        text = text.replace(later, CLIENT_IDS[slug]).replace(gate_cookie(later), gate_cookie(CLIENT_IDS[slug]))
    return text


@dataclass(frozen=True)
class Naming:
    """Words in place of the recorded ones; `argocd` is Argo CD's slug, host and client."""

    name: str
    words: dict[str, str] = field(default_factory=dict)
    argocd: str = "argocd"

    def __call__(self, text: str) -> str:
        """The text in this naming's words."""
        for word, other in {**ALWAYS, **self.words}.items():
            text = re.sub(rf"{BEGINS}{re.escape(word)}(?![A-Za-z])", other, text)
        return ARGOCD.sub(self._argocd, text) if self.argocd != "argocd" else text

    def _argocd(self, found: re.Match[str]) -> str:
        return self.argocd if found[0] == "argocd" else self.argocd.capitalize()


def _other_clients() -> dict[str, str]:
    words = {}
    for client_id in CLIENT_IDS.values():
        other = client_id[::-1]
        words |= {client_id: other, gate_cookie(client_id): gate_cookie(other)}
    return words


RECORDED = Naming("as recorded")
OTHER = Naming("other names", {**_other_clients(), **OTHER_WORDS}, "shipyard")
