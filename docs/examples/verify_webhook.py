import base64
import hashlib
import hmac
import time


def verify(secret, headers, body, now=None):
    """Whether the house sent this: `body` as bytes, as it came, before anything parses it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    sent_at = headers["webhook-timestamp"]
    if abs((now or time.time()) - int(sent_at)) > 300:
        return False
    told = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.digest(key, told, hashlib.sha256)).decode()
    return any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" "))
