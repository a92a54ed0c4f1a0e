import pytest


@pytest.mark.parametrize(
    "address",
    [
        "/modalities/%00/",
        "/polygons/a%00b/",
        "/reports/dashboard/%00/",
        "/accounts/invitation/%00/",
        "/projects/?q=%00",
    ],
)
def test_a_nul_byte_breaks_no_page(client, db, address):
    assert client.get(address).status_code == (200 if "?" in address else 404)


def test_a_nul_byte_is_told_to_the_api_as_a_problem(client, db):
    response = client.get("/api/v1/polygons/%00/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
