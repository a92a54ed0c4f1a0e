from django.urls import reverse

from polygons.models import Polygon

LIST = "/polygons/"


def test_a_record_shows_what_its_dwellings_lack_and_its_blocks(client, polygon_version, project, certifier):
    client.force_login(certifier)
    page = client.get(reverse("polygons:detail", args=["04-0017"])).content.decode()
    for words in ("Bellavista", "0400200010017003", "56\N{NO-BREAK SPACE}%", project.name):
        assert words in page


def test_an_earlier_version_stays_readable(client, polygon_version):
    polygon = polygon_version.polygon
    polygon.versions.filter(pk=polygon_version.pk).update(status="superseded")
    polygon.versions.create(
        number=2, source="drawn", vintage=2020, geometry=polygon_version.geometry, mercator=polygon_version.mercator,
        area=1, status="published",
    )  # fmt: skip
    address = reverse("polygons:detail", args=["04-0017"])
    assert client.get(address).context["version"].number == 2
    old = client.get(f"{address}?version=1", follow=True)
    assert old.context["version"] == polygon_version and not old.context["is_current"]
    assert client.get(f"{address}?version=9", follow=True).status_code == 404


def test_a_draft_polygon_is_not_found_by_the_public(client, campeche, technician):
    Polygon.objects.create(code="04-0099", name="Nueva", municipality=campeche)
    assert client.get(f"{LIST}04-0099/").status_code == 404
