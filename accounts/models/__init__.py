"""Who somebody is, where they are signed in, and what was tried at the door."""

from accounts.models.passwords import FormerPassword
from accounts.models.sessions import Session
from accounts.models.tries import SignInTries
from accounts.models.users import User, clean_mobile, clean_number

__all__ = ["FormerPassword", "Session", "SignInTries", "User", "clean_mobile", "clean_number"]
