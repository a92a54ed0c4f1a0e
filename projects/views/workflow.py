"""The life of a project explained, drawn from the workflow's own table."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects.diagram import draw
from projects.records import arrows

CURRENT = "lineamientos-2012"


@login_not_required
def workflow(request: HttpRequest) -> HttpResponse:
    return render(request, "projects/workflow.html", {"arrows": arrows(CURRENT), "diagram": draw(CURRENT)})
