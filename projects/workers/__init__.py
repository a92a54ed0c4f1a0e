"""What Celery's workers do row by row: leases, progress, each row in a transaction of its own."""
