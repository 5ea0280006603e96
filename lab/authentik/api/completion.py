"""What the API tells its admin interface about the fields one can search in (`autocomplete`)."""

from typing import Any, Final

from lab.authentik.api.call import Body, Call

# Every action an event can have, with the name the interface shows.
EVENT_ACTIONS: Final = {
    "login": "Login",
    "login_failed": "Login Failed",
    "logout": "Logout",
    "user_write": "User Write",
    "suspicious_request": "Suspicious Request",
    "password_set": "Password Set",
    "secret_view": "Secret View",
    "secret_rotate": "Secret Rotate",
    "invitation_used": "Invite Used",
    "authorize_application": "Authorize Application",
    "source_linked": "Source Linked",
    "impersonation_started": "Impersonation Started",
    "impersonation_ended": "Impersonation Ended",
    "flow_execution": "Flow Execution",
    "policy_execution": "Policy Execution",
    "policy_exception": "Policy Exception",
    "property_mapping_exception": "Property Mapping Exception",
    "system_task_execution": "System Task Execution",
    "system_task_exception": "System Task Exception",
    "system_exception": "System Exception",
    "configuration_error": "Configuration Error",
    "configuration_warning": "Configuration Warning",
    "model_created": "Model Created",
    "model_updated": "Model Updated",
    "model_deleted": "Model Deleted",
    "email_sent": "Email Sent",
    "update_available": "Update Available",
    "export_ready": "Export Ready",
    "review_initiated": "Review Initiated",
    "review_overdue": "Review Overdue",
    "review_attested": "Review Attested",
    "review_completed": "Review Completed",
    "custom_": "Custom Prefix",
}


def _field(kind: str, options: list[str] | None = None, *, nullable: bool = False, **more: str) -> Body:
    return {"type": kind, "nullable": nullable, "options": options, **more}


def _relation(name: str) -> Body:
    return _field("relation", relation=name)


def _models(current: str, fields: Body, **related: Body) -> Body:
    models = {current: fields, **{f"{current}_{name}": value for name, value in related.items()}}
    return {"current_model": current, "models": models}


_USER_TYPES: Final = ["internal", "external", "service_account", "internal_service_account"]
_USERS: Final = _models(
    "authentik_core.user",
    {
        "username": _field("str"),
        "name": _field("str"),
        "email": _field("str"),
        "path": _field("str"),
        "is_active": _field("bool", nullable=True),
        "type": _field("str", _USER_TYPES),
        "attributes": _relation("authentik_core.user_attributes"),
    },
)
_GROUPS: Final = _models(
    "authentik_core.group",
    {
        "name": _field("str"),
        "is_superuser": _field("bool", nullable=True),
        "attributes": _relation("authentik_core.group_attributes"),
    },
)


def _strings(*names: str) -> Body:
    return {name: _field("str") for name in names}


def users(_: Call) -> Body:
    """For the list of users."""
    return _USERS


def groups(_: Call) -> Body:
    """For the list of groups."""
    return _GROUPS


def events(call: Call) -> Body:
    """For the list of events; the applications are those that events name."""
    model = "authentik_events.event"
    apps = sorted({event.app for event in call.operations.events})
    request: dict[str, Any] = {"args": _relation(f"{model}_context_http_request_args")}
    return _models(
        model,
        {
            "action": _field("str", list(EVENT_ACTIONS)),
            "event_uuid": _field("str"),
            "app": _field("str", apps),
            "client_ip": _field("str"),
            "user": _relation(f"{model}_user"),
            "brand": _relation(f"{model}_brand"),
            "context": _relation(f"{model}_context"),
            "created": _field("datetime", []),
        },
        user={"pk": _field("int"), **_strings("username", "email")},
        brand=_strings("pk", "app", "name", "model_name"),
        context={"http_request": _relation(f"{model}_context_http_request")},
        context_http_request=request | _strings("path", "method", "request_id", "user_agent"),
    )
