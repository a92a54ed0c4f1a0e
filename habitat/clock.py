"""What the clock runs, and when: management commands that a person can run too (`docs/operations.md`)."""

from celery.schedules import crontab

# Command → seconds from one round to the next. What is due stands in the database.
ROUNDS = {
    "sweep_reports": 20,
    "sweep_uploads": 20,
    "run_decisions": 20,
    "run_previews": 60,
    "make_letters": 60,
    "run_archives": 60,
    "run_exports": 60,
    "run_scenarios": 60,
    "run_withdrawals": 60,
    "send_outbox": 60,
    "draw_tiles": 120,
    "prepare_photos": 120,
}
# Command → minute of every hour.
HOURLY = {"run_schedule": 5, "fold_summaries": 25, "raise_alerts": 50, "sweep_rosters": 50}
# Command → hour and minute, Mexico City. Periods open before the reminders, which speak of what has opened; these come
# before the day's one e-mail, which brings them.
DAILY = {
    "open_periods": (0, 20),
    "sweep_pieces": (2, 40),
    "judge_portfolios": (3, 30),
    "publish_open_data": (4, 10),
    "send_reminders": (7, 0),
    "send_daily": (7, 30),
}


def schedule() -> dict[str, dict[str, object]]:
    """As Celery's beat reads it. What piled up while no worker ran is of no use: it expires with the next round."""
    rounds = {name: _entry(name, every, expires=every) for name, every in ROUNDS.items()}
    hourly = {name: _entry(name, crontab(minute=minute), expires=3600) for name, minute in HOURLY.items()}
    daily = {name: _entry(name, crontab(hour=hour, minute=minute)) for name, (hour, minute) in DAILY.items()}
    return rounds | hourly | daily


def _entry(command: str, when: object, **options: object) -> dict[str, object]:
    return {"task": "habitat.lib.tasks.run_command", "args": (command,), "schedule": when, "options": options}
