"""/flows/instances/, /propertymappings/provider/scope/ and /policies/bindings/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply
from lab.authentik.api.endpoint import DETAIL, LIST, endpoint
from lab.authentik.api.listing import Listing, equals, one_of, truth
from lab.authentik.api.users import group_object
from lab.authentik.flows.model import Flow
from lab.authentik.providers import Application, PolicyBinding, ScopeMapping
from lab.world import World

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
    order={"slug": lambda flow: flow.slug, "name": lambda flow: flow.name},
    default="slug",
    filters={
        "flow_uuid": equals(lambda flow: flow.pk),
        "name": equals(lambda flow: flow.name),
        "slug": equals(lambda flow: flow.slug),
        "designation": one_of(lambda flow: flow.designation),
        "denied_action": one_of(lambda flow: flow.denied_action),
    },
    search=(lambda flow: flow.name, lambda flow: flow.slug, lambda flow: flow.designation),
)


def _flow_rows(call: Call) -> list[Flow]:
    return call.visible("authentik_flows.view_flow", call.state.flows.values())


def _flows(call: Call) -> Reply:
    return _FLOWS.page(call, _flow_rows(call))


def _flow(call: Call) -> Reply:
    slug = call.argument("slug")
    return Reply(_flow_body(call, call.one("Flow", _flow_rows(call), lambda flow: flow.slug == slug)))


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


_MAPPINGS: Final = Listing[ScopeMapping](
    shape=_mapping_body,
    order={"scope_name": lambda mapping: mapping.scope_name, "name": lambda mapping: mapping.name},
    default="scope_name",
    filters={
        "scope_name": equals(lambda mapping: mapping.scope_name),
        "name": equals(lambda mapping: mapping.name),
        "managed__isnull": truth(lambda mapping: mapping.managed is None),
        "managed": equals(lambda mapping: mapping.managed),
    },
    search=(lambda mapping: mapping.name, lambda mapping: mapping.scope_name),
)


def _mappings(call: Call) -> Reply:
    permission = "authentik_providers_oauth2.view_scopemapping"
    return _MAPPINGS.page(call, call.visible(permission, call.state.scope_mappings.values(), strict=True))


@dataclass(frozen=True)
class _Bound:
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


_BINDINGS: Final = Listing[_Bound](
    shape=_binding_body,
    order={"order": lambda bound: bound.binding.order, "pk": lambda bound: bound.binding.pk},
    default="order",
    filters={
        "target": equals(lambda bound: bound.application.pk),
        "enabled": truth(lambda bound: bound.binding.enabled),
        "policy__isnull": truth(lambda bound: bound.binding.policy is None),
    },
)


def _bindings(call: Call) -> Reply:
    every = [
        _Bound(application, binding)
        for application in call.state.applications.values()
        for binding in application.bindings
    ]
    return _BINDINGS.page(call, call.visible("authentik_policies.view_policybinding", every))


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "flows/instances/", LIST, get=_flows),
        endpoint(world, "flows/instances/{slug}/", DETAIL, get=_flow),
        endpoint(world, "propertymappings/provider/scope/", LIST, get=_mappings),
        endpoint(world, "policies/bindings/", LIST, get=_bindings),
    ]
