"""Ten faults that leave each other visible, for the matrix of pairs."""

from itertools import combinations
from typing import Final

PAIRED: Final = (
    "authentik-host-stale",
    "blueprint-in-error",
    "external-host-of-the-old-domain",
    "external-secret-error",
    "grafana-look-alike-key",
    "issuer-mode-global",
    "middleware-missing-on-route",
    "outpost-lost-a-provider",
    "redirect-uri-with-a-slash",
    "signing-key-missing",
)
PAIRS: Final = tuple(combinations(PAIRED, 2))
