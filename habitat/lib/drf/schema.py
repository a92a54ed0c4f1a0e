"""What the OpenAPI description says of every resource beyond what drf-spectacular finds by itself."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from habitat.lib.drf.problems import MEDIA_TYPE, TITLES, ProblemSerializer

FEATURE = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "const": "Feature"},
        "geometry": {"type": ["object", "null"]},
        "properties": {"type": "object"},
    },
}
COLLECTION = {
    "type": "object",
    "required": ["type", "numberMatched", "numberReturned", "links", "features"],
    "properties": {
        "type": {"type": "string", "const": "FeatureCollection"},
        "numberMatched": {"type": "integer"},
        "numberReturned": {"type": "integer"},
        "links": {"type": "array", "items": {"type": "object"}},
        "features": {"type": "array", "items": FEATURE},
    },
}

SUMMARIES = {
    "list": _("List"),
    "retrieve": _("One, by its key"),
    "file": _("The file itself"),
    "steps": _("Steps that lead on from here"),
    "take_step": _("Take a step"),
    "create": _("Begin or add one"),
    "partial_update": _("Change fields"),
    "destroy": _("Take one out"),
    "ready": _("Mark a draft ready"),
    "site": _("Where an action lies"),
    "contributions": _("Who pays an action"),
}


class ResourceSchema(AutoSchema):
    """Errors of every operation, the tables' media types, and words in the reader's language."""

    view: Any

    def _errors(self) -> list[int]:
        codes = [400, 401, 404, 429]
        if self.method == "GET":
            return codes
        return sorted([*codes, 403, 409, 412, 413, 415, *([422] if self.method == "POST" else [428])])

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """The headers of a request that writes."""
        if self.method == "GET":
            return []
        match = _("The ETag of what you read: the change is refused with 412 if somebody changed it since.")
        headers = [OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=str(match))]
        if self.method == "POST":
            once = _("A name for this request, yours to choose: a repeat within 24 hours hears the first answer again.")
            headers.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=str(once)))
        return headers

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses = super()._get_response_bodies(direction)
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        for code in self._errors():
            title = str(TITLES[code])
            example = {"type": "about:blank", "title": title, "status": code, "detail": title}
            content = {MEDIA_TYPE: {"schema": problem, "example": example}}
            responses[str(code)] = {"description": title, "content": content}
        return responses

    def _get_response_for_code(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        response = super()._get_response_for_code(*args, **kwargs)
        content = response.get("content", {})
        if "application/geo+json" in content:
            schema = COLLECTION if self._is_list_view() else FEATURE
            content["application/geo+json"] = {"schema": schema}
        if "text/csv" in content:
            content["text/csv"] = {"schema": {"type": "string"}}
        return response

    def get_tags(self) -> list[str]:
        return [self.view.basename]

    def get_summary(self) -> str:
        return str(SUMMARIES.get(self.view.action, ""))

    def get_description(self) -> str:
        """Lists and records are told by what they are; further doors by their own words."""
        return str(self.view.about) if self.view.action in ("list", "retrieve") else super().get_description()
