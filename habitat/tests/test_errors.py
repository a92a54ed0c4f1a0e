"""What a person reads when something is not there, not allowed or broken: our page, in Spanish, never Django's."""

import pytest
from django.test import Client
from django.urls import path

from habitat import urls as portal_urls

BRAND = "Programa Hábitat"


def broken(request):
    raise ZeroDivisionError


urlpatterns = [*portal_urls.urlpatterns, path("broken/", broken)]


def test_page_that_is_not_there(client, technician):
    client.force_login(technician)
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert BRAND in answer.content.decode()


@pytest.mark.urls(__name__)
def test_page_that_breaks(technician):
    client = Client(raise_request_exception=False)
    client.force_login(technician)
    answer = client.get("/broken/")
    assert answer.status_code == 500
    assert BRAND in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()


def test_form_sent_from_elsewhere():
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert BRAND in answer.content.decode()


def test_page_of_others(client, preparer):
    client.force_login(preparer)
    answer = client.get("/accounts/people/")
    assert answer.status_code == 403
    assert BRAND in answer.content.decode()
