"""A person at a real server: signed in, with a browser's cookies and nothing else."""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from django.conf import settings
from django.test import Client

CSRF = "k" * 32


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given):
        return None


class Person:
    """Sends requests to the server; every answer that came is an acknowledgement."""

    def __init__(self, server, user):
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.server = server
        self.headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}",
            "X-CSRFToken": CSRF,
        }
        self.opener = urllib.request.build_opener(NoRedirect)

    def send(self, path, data=None):
        """Return (status, body, headers); OSError means that no answer came."""
        body = urllib.parse.urlencode(data, doseq=True).encode() if data is not None else None
        request = urllib.request.Request(f"{self.server.url}{path}", body, self.headers)
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read(), answer.headers
        except http.client.HTTPException as cut:
            raise ConnectionError("the answer was cut off") from cut

    def hidden(self, path):
        """The hidden fields of the form on a page: what a browser would send back."""
        _, page, _ = self.send(path)
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.decode())
        return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.fixture
def at_server(real_server):
    return lambda user: Person(real_server, user)
