"""What lists show: each list once, for its page and for its files."""
