"""How gunicorn serves the ledger, in development and production alike: ``gunicorn -c python:config.gunicorn``."""

from typing import Any

from config.env import PRODUCTION, env

HOST: str = env.str("HOST", default="") or "127.0.0.1"
PORT: str = env.str("PORT", default="") or "8000"

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = env.int("WEB_WORKERS", default=2)
threads = env.int("WEB_THREADS", default=4)
timeout = 60  # seconds; longer work goes to the background worker
graceful_timeout = 10
max_requests = 5000  # a worker starts anew now and then, so that no leak grows for months
max_requests_jitter = 500
loglevel = env.str("LOG_LEVEL", default="warning").lower()
limit_request_line = 8190  # a list with many filters is still a page of ours, not the refusal of the server
control_socket_disable = True  # nobody needs to command a running server through a file in the home folder
accesslog = None  # it would keep addresses with what people searched for; ledger.request has a line for each request
logconfig_dict: dict[str, Any] = {}  # production says everything in JSON lines without values, see ledger/rules/logs.py
if PRODUCTION:
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "ledger.rules.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": loglevel.upper()},
        "loggers": {
            "gunicorn.error": {"handlers": ["console"], "level": loglevel.upper(), "propagate": False},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }
