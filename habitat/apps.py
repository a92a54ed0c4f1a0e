from django.apps import AppConfig

from habitat.lib import trigger_registry

# Here, because Django imports this first and no model yet.
trigger_registry.use()


class HabitatConfig(AppConfig):
    name = "habitat"

    def ready(self) -> None:
        from habitat import checks  # noqa: F401 - registers the checks
