"""Pages for citizens and for staff."""
