"""Requests that nobody can read are refused before anything is made of them; all others are read as ever."""

from typing import Any

import pytest
from django.core.exceptions import BadRequest, TooManyFieldsSent
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory

from config.handler import Handler, Request
from config.wsgi import application

PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n%s\r\n--x--\r\n'
MULTIPART = "multipart/form-data; boundary=x"


class Environs(RequestFactory):
    def request(self, **request: Any) -> Any:
        return self._base_environ(**request)


def read(kind: str, body: bytes = PART % b"1", path: str = "/?a=%D9%A3", **meta: str) -> Request:
    return Request(Environs().generic("POST", path, body, kind, **meta))


@pytest.mark.parametrize("charset", ["base64", "rot13", "idna", "undefined", "utf-7", "utf-16", "no-such", "gb18030"])
def test_a_form_in_another_encoding_is_refused(charset: str) -> None:
    request = read(f"{MULTIPART}; charset={charset}", PART % b"+2AA-")
    with pytest.raises(BadRequest):
        _ = request.POST
    assert request.GET["a"] == "٣"
    assert dict(request.POST) == {}, "asked again, it is an empty form, as after any form that broke off"


@pytest.mark.parametrize("kind", ["text/plain; charset*=nonsense''utf-8", "text/plain; charset=a\x00b"])
def test_a_header_that_cannot_be_read_does_not_stop_the_page(kind: str) -> None:
    request = read(kind)
    assert (request.content_type, request.GET["a"]) == ("", "٣")
    with pytest.raises(BadRequest):
        _ = request.FILES


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"', "us-ascii"])
def test_utf_8_is_read_however_it_is_spelt(charset: str) -> None:
    assert read(f"{MULTIPART}; charset={charset}", PART % "字".encode()).POST["a"] == "字"
    assert read(f"application/x-www-form-urlencoded; charset={charset}", b"a=%E5%AD%97").POST["a"] == "字"


def test_the_query_is_not_read_before_somebody_asks() -> None:
    """Django reads it at once where an encoding is named, and stops where there are too many fields."""
    request = read("text/plain; charset=utf-8", path="/?" + "&".join(f"a{n}=1" for n in range(2000)))
    assert request.content_type == "text/plain"
    with pytest.raises(TooManyFieldsSent):
        _ = request.GET


@pytest.mark.parametrize(
    ("length", "taken"), [("²", "0"), ("-5", "0"), ("", "0"), ("12", "12"), ("9" * 5000, "9" * 18)]
)
def test_a_length_is_a_number(length: str, taken: str) -> None:
    assert read("text/plain", CONTENT_LENGTH=length).META["CONTENT_LENGTH"] == taken


def test_a_cookie_that_spells_a_nul_is_none() -> None:
    """PostgreSQL would fail to look up such a session."""
    request = read("text/plain", HTTP_COOKIE='sessionid="abcdefgh\\000"; csrftoken="a\\054b"; plain=1')
    assert request.COOKIES == {"csrftoken": "a,b", "plain": "1"}


def test_a_broken_form_is_still_a_broken_form() -> None:
    with pytest.raises(MultiPartParserError):
        _ = read("multipart/form-data").POST


def test_the_server_uses_it() -> None:
    assert isinstance(application, Handler)
