"""What every resource of the API shares: pages, formats, filters, problems and their description."""
