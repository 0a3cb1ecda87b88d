"""SQLite with a fairer queue of writers: Django's own backend, but for how it waits (see ``base``)."""
