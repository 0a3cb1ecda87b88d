"""The figures of sign-in, in one table: ``SECURITY_PROFILE`` chooses its column, ``settings.SECURITY`` holds it.

``default`` follows OWASP ASVS 5.0; where that leaves the figure to the operator, the source stands beside it:

- length 8 (6.2.1: at least 8), no classes of characters (6.2.5 forbids such rules), no rotation and so no history
  (6.2.10 forbids it); common passwords and one's own name and numbers are refused whatever the profile (6.2.4, 6.2.11)
- 5 tries, then 5 minutes: at most 60 failures an hour for an account, below the 100 of ASVS 4.0.3, 2.2.1 (6.3.1 of
  5.0 asks for a limit and names none). An address, which a whole office may share, has 60 in the same time
- idle and absolute limit (7.3.1 and 7.3.2 ask that they are set and reasoned): 30 days at most, as NIST SP 800-63B
  has it for one factor; 14 days idle on a device that its owner asked to be remembered on, so that no cadre is signed
  out in the middle of a form; 12 hours, a working day, on any other

``dengbao3`` is for a county whose system is graded level 3 of the multi-level protection scheme. GB/T 22239-2019,
8.1.4.1, asks for complexity and regular change of passwords (a), a limit on failed sign-ins and an end of idle
sessions (b) and a second factor (d), and names no figure. These are the ones that assessors commonly accept: 3 of the
4 classes of characters, 90 days, none of the last 5, 30 minutes of lock-out, 30 minutes idle. The length of 10, the
12 hours and who must have a second factor are our own choice; ``MFA_FORCED_FOR`` says otherwise.
"""

from dataclasses import dataclass

DAY, HOUR = 24 * 60, 60


@dataclass(frozen=True)
class Profile:
    """Minutes unless said otherwise; 0 means that the rule does not apply."""

    password_length: int
    password_classes: int
    """How many of lower case, upper case, figures and other characters a password mixes."""
    rotation_days: int
    history: int
    """How many earlier passwords may not be chosen again."""
    tries: int
    """Failures of one account within ``lock`` after which it is locked."""
    address_tries: int
    lock: int
    address_lock: int
    idle: int
    remembered_idle: int
    """The idle limit on a device that was asked to remember; as long as ``idle``: nobody is asked."""
    absolute: int
    """A session ends so long after its sign-in, however it was used."""
    second_factor_for: str = ""
    """Roles, separated by commas, that must have a second factor; ``all`` means everybody."""


PROFILES = {
    "default": Profile(
        password_length=8, password_classes=0, rotation_days=0, history=0,
        tries=5, address_tries=60, lock=5, address_lock=5,
        idle=12 * HOUR, remembered_idle=14 * DAY, absolute=30 * DAY,
    ),
    "dengbao3": Profile(
        password_length=10, password_classes=3, rotation_days=90, history=5,
        tries=5, address_tries=60, lock=30, address_lock=5,
        idle=30, remembered_idle=30, absolute=12 * HOUR,
        second_factor_for="county_admin,township_admin",
    ),
}  # fmt: skip
