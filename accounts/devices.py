"""What a person recognises a device by: its kind, its browser, roughly where it is."""

import ipaddress

from django.http import HttpRequest

from accounts.addresses import client_ip
from accounts.models.sessions import Device

# The first that occurs names it: WeChat and the tablets call themselves many other things besides.
DEVICES = (
    ("ipad", Device.TABLET), ("harmonyos", Device.HARMONY), ("openharmony", Device.HARMONY), ("iphone", Device.IPHONE),
    ("android", Device.ANDROID), ("windows", Device.WINDOWS), ("macintosh", Device.MAC), ("linux", Device.LINUX),
)  # fmt: skip
BROWSERS = (
    ("micromessenger", "WeChat"), ("dingtalk", "DingTalk"), ("huaweibrowser", "HUAWEI"), ("miuibrowser", "Mi"),
    ("qqbrowser", "QQ"), ("ucbrowser", "UC"), ("360", "360"), ("edg", "Edge"), ("firefox", "Firefox"),
    ("fxios", "Firefox"), ("chrome", "Chrome"), ("crios", "Chrome"), ("safari", "Safari"),
)  # fmt: skip


def device_of(request: HttpRequest) -> tuple[str, str]:
    """Kind of device and name of browser; empty where the browser does not say."""
    said = request.headers.get("User-Agent", "")[:400].lower()
    device = next((kind for mark, kind in DEVICES if mark in said), Device.UNKNOWN)
    if device is Device.ANDROID and "mobile" not in said:
        device = Device.TABLET
    return device.value, next((name for mark, name in BROWSERS if mark in said), "")


def coarse(request: HttpRequest) -> str:
    """The network that a request comes from, not the very machine: ``10.20.30.*``; empty where there is none."""
    try:
        address = ipaddress.ip_address(client_ip(request))
    except ValueError:
        return ""
    if address.version == 4:
        return ".".join([*str(address).split(".")[:3], "*"])
    return f"{ipaddress.ip_network((address, 48), strict=False).network_address}*"
