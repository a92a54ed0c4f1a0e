import pytest

from habitat import health, heartbeat


@pytest.fixture
def all_heard():
    heartbeat.give_sign("worker")
    heartbeat.give_sign("clock")


def test_alive_without_asking_the_database(client):
    assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
def test_ready_once_worker_and_clock_were_heard(client, all_heard):
    answer = client.get("/readyz")
    assert answer.json() == {"ready": True, "missing": [], "checks": dict.fromkeys(health.CHECKS, "ok")}


@pytest.mark.django_db
def test_not_ready_before_the_clock_has_ticked(client):
    heartbeat.give_sign("worker")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["clock"]


@pytest.mark.django_db
def test_lost_redis_is_named(client, all_heard, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json()["missing"] == ["redis"]


@pytest.mark.django_db
def test_waiting_migration_is_named(client, all_heard, monkeypatch):
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: ["one", "two"])
    assert client.get("/readyz").json()["checks"]["migrations"] == "2 not applied"


@pytest.mark.django_db
def test_database_without_geometry_is_named(client, all_heard):
    with health.connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION postgis_lib_version() RENAME TO postgis_lib_version_gone")
        cursor.execute("SAVEPOINT before_the_question")
    answer = health.state_of(health.postgis)
    with health.connection.cursor() as cursor:
        cursor.execute("ROLLBACK TO SAVEPOINT before_the_question")
    assert answer == "ProgrammingError"


@pytest.mark.worker
def test_worker_gives_signs_of_life(worker):
    worker.waits_for(" ready.")
    assert health.state_of(health.worker) == "ok"
