"""备份与恢复: the database and the files in one sealed, checked folder, and back again (docs/deployment.md)."""
