"""Nothing lost, nothing doubled: replays, stale edits, crowds of writers, killed processes, a database that is away."""
