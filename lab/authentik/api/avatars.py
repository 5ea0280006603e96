"""Avatars as Authentik draws them for accounts without a picture: initials on a coloured disc."""

import base64
import hashlib
from functools import lru_cache


def _initials(name: str) -> str:
    words = name.split()
    if len(words) > 1:
        return (words[0][0] + words[-1][0]).upper()
    return name[:2].upper()


@lru_cache(maxsize=1024)
def avatar(name: str) -> str:
    """The data URL of the picture for a display name."""
    colour = hashlib.sha256(name.lower().encode()).hexdigest()[:6]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="64px" height="64px" viewBox="0 0 64 64">'
        f'<rect fill="#{colour}" width="64" height="64" r="32"/>'
        f'<text x="50%" y="50%" fill="#fff" text-anchor="middle">{_initials(name)}</text></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
