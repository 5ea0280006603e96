"""Logins as the lab saw them, and the seed of who has a second factor."""

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def failed_logins(lab):
    """Authentik's events of logins that it refused."""
    return [event for event in lab.world.authentik.operations.events if event.action == "login_failed"]
