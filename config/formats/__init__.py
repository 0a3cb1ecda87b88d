"""How days and hours are written, where Django's own way would mix several (settings.FORMAT_MODULE_PATH)."""
