from django.apps import AppConfig


class HabitatConfig(AppConfig):
    name = "habitat"

    def ready(self) -> None:
        from habitat import checks  # noqa: F401 - registers the checks
