"""/flows/instances/, /propertymappings/provider/scope/ and /policies/bindings/."""

from __future__ import annotations

from operator import attrgetter
from typing import Final, NamedTuple

from starlette.routing import Route

from lab.authentik.api.call import Body, Call
from lab.authentik.api.endpoint import DETAIL, LIST, endpoint
from lab.authentik.api.listing import Listing, equals, one_of, same, truth
from lab.authentik.api.users import group_object
from lab.authentik.flows.model import Flow
from lab.authentik.providers import Application, PolicyBinding, ScopeMapping
from lab.world import World

_VIEW_MAPPING: Final = "authentik_providers_oauth2.view_scopemapping"
_BACKGROUND: Final = "/static/dist/assets/images/flow_background.jpg"


def _flow_body(_: Call, flow: Flow) -> Body:
    return {
        "pk": flow.pk,
        "policybindingmodel_ptr_id": flow.policybindingmodel_pk,
        "name": flow.name,
        "slug": flow.slug,
        "title": flow.title,
        "designation": flow.designation,
        "background": flow.background,
        "background_url": flow.background or _BACKGROUND,
        "background_themed_urls": None,
        "stages": [stage.pk for stage in flow.stages],
        "policies": [],
        "cache_count": 1,
        "policy_engine_mode": flow.policy_engine_mode,
        "compatibility_mode": flow.compatibility_mode,
        "export_url": f"/api/v3/flows/instances/{flow.slug}/export/",
        "layout": flow.layout,
        "denied_action": flow.denied_action,
        "authentication": flow.authentication,
    }


_FLOWS: Final = Listing[Flow](
    shape=_flow_body,
    rows=lambda call: call.visible("authentik_flows.view_flow", call.state.flows.values()),
    order=("slug", "name"),
    filters=same("name", "slug")
    | {
        "flow_uuid": equals("pk"),
        "designation": one_of("designation"),
        "denied_action": one_of("denied_action"),
    },
    search=("name", "slug", "designation"),
    model="Flow",
    key="slug",
)


def _mapping_body(_: Call, mapping: ScopeMapping) -> Body:
    return {
        "pk": mapping.pk,
        "managed": mapping.managed,
        "name": mapping.name,
        "expression": mapping.expression,
        "component": "ak-property-mapping-provider-scope-form",
        "verbose_name": "Scope Mapping",
        "verbose_name_plural": "Scope Mappings",
        "meta_model_name": "authentik_providers_oauth2.scopemapping",
        "scope_name": mapping.scope_name,
        "description": mapping.description,
    }


def _is_unmanaged(mapping: ScopeMapping) -> bool:
    return mapping.managed is None


_MAPPINGS: Final = Listing[ScopeMapping](
    shape=_mapping_body,
    rows=lambda call: call.visible(_VIEW_MAPPING, call.state.scope_mappings.values(), strict=True),
    order=("scope_name", "name"),
    filters=same("scope_name", "name", "managed") | {"managed__isnull": truth(_is_unmanaged)},
    search=("name", "scope_name"),
)


class _Bound(NamedTuple):
    application: Application
    binding: PolicyBinding


def _policy_object(bound: _Bound) -> Body:
    return {
        "pk": bound.binding.pk,
        "name": f"{bound.application.slug}-policy",
        "execution_logging": False,
        "component": "ak-policy-expression-form",
        "verbose_name": "Expression Policy",
        "verbose_name_plural": "Expression Policies",
        "meta_model_name": "authentik_policies_expression.expressionpolicy",
        "bound_to": 1,
        "expression": "",
    }


def _binding_body(call: Call, bound: _Bound) -> Body:
    binding = bound.binding
    group = call.directory.groups.get(binding.group or "")
    user = call.directory.users.get(binding.user or 0)
    return {
        "pk": binding.pk,
        "policy": binding.pk if binding.policy else None,
        "group": binding.group,
        "user": binding.user,
        "policy_obj": _policy_object(bound) if binding.policy else None,
        "group_obj": group_object(group) if group else None,
        "user_obj": {"pk": user.pk, "username": user.username, "name": user.name} if user else None,
        "target": bound.application.pk,
        "negate": binding.negate,
        "enabled": binding.enabled,
        "order": binding.order,
        "timeout": binding.timeout,
        "failure_result": binding.failure_result,
    }


def _bindings(call: Call) -> list[_Bound]:
    every = (
        _Bound(application, binding)
        for application in call.state.applications.values()
        for binding in application.bindings
    )
    return call.visible("authentik_policies.view_policybinding", every)


_BINDINGS: Final = Listing[_Bound](
    shape=_binding_body,
    rows=_bindings,
    order=(),
    computed={"order": attrgetter("binding.order"), "pk": attrgetter("binding.pk")},
    filters={
        "target": equals("application.pk"),
        "enabled": truth("binding.enabled"),
        "policy__isnull": truth(lambda bound: bound.binding.policy is None),
    },
)


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "flows/instances/", LIST, get=_FLOWS.all),
        endpoint(world, "flows/instances/{slug}/", DETAIL, get=_FLOWS.detail),
        endpoint(world, "propertymappings/provider/scope/", LIST, get=_MAPPINGS.all),
        endpoint(world, "policies/bindings/", LIST, get=_BINDINGS.all),
    ]
