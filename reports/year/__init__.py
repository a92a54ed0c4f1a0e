"""A fiscal year of the program played through the services, and whether all that tells of it tells the same."""
