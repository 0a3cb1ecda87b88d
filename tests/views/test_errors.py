"""Error pages: the right status, plain words in the person's language, and no question to the database."""

import pytest
from django.conf import settings
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import RequestFactory
from django.utils import translation

from ledger.rules.request import current_request_id
from ledger.views import errors

PAGES = {
    400: lambda request: errors.bad_request(request, ValueError("secret detail")),
    403: lambda request: errors.forbidden(request, PermissionError("secret detail")),
    404: lambda request: errors.not_found(request, LookupError("secret detail")),
    500: errors.server_error,
    503: errors.database_away,
}


@pytest.fixture
def request_away():
    """A request whose user would need the database (tests without the db mark may not ask it)."""
    return RequestFactory().get("/households/350626001/")


@pytest.mark.parametrize("status", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_has_its_status_and_tells_no_detail(request_away, status, language):
    with translation.override(language):
        response = PAGES[status](request_away)
    page = response.content.decode()
    assert response.status_code == status
    assert "secret detail" not in page
    assert "350626001" not in page
    assert 'href="/"' in page
    assert f'lang="{language}"' in page
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("status", [500, 503])
def test_fault_shows_the_number_the_log_has(request_away, status):
    token = current_request_id.set("0f1e2d3c")
    try:
        assert "0f1e2d3c" in PAGES[status](request_away).content.decode()
    finally:
        current_request_id.reset(token)


def test_chinese_page_holds_no_english_sentence(request_away):
    with translation.override("zh-hans"):
        page = errors.not_found(request_away).content.decode()
    assert "没有找到这个页面" in page
    assert "The address" not in page


def test_old_form_is_403_and_keeps_what_was_typed(request_away):
    with translation.override("en"):
        response = errors.csrf_failure(request_away, "CSRF token missing")
    assert response.status_code == 403
    assert "still on the previous page" in response.content.decode()
    assert "CSRF" not in response.content.decode()


def test_database_away_asks_to_come_back(request_away):
    assert errors.database_away(request_away).headers["Retry-After"] == "30"


@pytest.mark.parametrize("status", PAGES)
@pytest.mark.parametrize(
    ("cookie", "spoken"), [("en", "en"), ("zh-hans", "zh-hans"), ("xx", "zh-hans"), ("", "zh-hans")]
)
def test_a_fault_before_the_language_is_set_reads_the_cookie(request_away, status, cookie, spoken):
    request_away.COOKIES[settings.LANGUAGE_COOKIE_NAME] = cookie
    with translation.override("zh-hans"):
        response = PAGES[status](request_away)
        assert translation.get_language() == "zh-hans"
    assert f'<html lang="{spoken}"' in response.content.decode()
    assert response.headers["Content-Language"] == spoken


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["ledger.context.build_frame", "accounts.middleware._language_of"])
def test_a_broken_frame_or_middleware_still_gets_the_page(client, monkeypatch, broken):
    """What every page needs has failed, so the page of the fault may need none of it."""

    def fail(*args):
        raise ValueError("张三 13812345678")

    monkeypatch.setattr(broken, fail)
    client.raise_request_exception = False
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = client.get("/account/login/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "The system made a mistake" in page
    assert response.headers["X-Request-ID"] in page
    assert "张三" not in page


def test_fault_of_the_database_in_a_middleware_is_503(request_away):
    try:
        raise OperationalError("no connection")
    except OperationalError:
        assert errors.server_error(request_away).status_code == 503
    assert errors.server_error(request_away).status_code == 500


@pytest.mark.parametrize(
    ("fault", "away"),
    [
        (OperationalError("locked"), True), (InterfaceError("closed"), True),
        (DatabaseError("file is not a database"), True), (IntegrityError("taken"), False), (DataError("long"), False),
        (ValueError("ours"), False), (None, False),
    ],
)  # fmt: skip
def test_which_faults_are_the_database_s_own(fault, away):
    assert errors.is_away(fault) is away


@pytest.mark.django_db
def test_an_empty_database_is_not_ready(client):
    assert client.get("/readyz").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    assert client.get("/readyz").status_code == 503


def test_fault_in_the_templates_still_gets_an_answer(request_away, monkeypatch):
    def broken(*args):
        raise ValueError("no manifest")

    monkeypatch.setattr(errors.loader, "render_to_string", broken)
    with translation.override("zh-hans"):
        response = errors.server_error(request_away)
    assert response.status_code == 500
    assert response.content.decode().startswith("系统出了差错")
