"""What a browser would send back from a page that nobody touched."""

from datetime import date
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.http import QueryDict


class _Form(HTMLParser):
    """Successful controls of a form, as browsers define them; native controls blank what they cannot show."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pairs, self.select, self.area = [], None, None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "input" and "disabled" not in given:
            self._input(given)
        elif tag == "select":
            self.select = {"name": given.get("name"), "values": [], "chosen": [], "off": "disabled" in given}
        elif tag == "option" and self.select is not None:
            self.select["values"].append(given.get("value", ""))
            if "selected" in given:
                self.select["chosen"].append(given.get("value", ""))
        elif tag == "textarea":
            self.area = [given.get("name"), ""]

    def _input(self, given):
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self.pairs.append((given["name"], given.get("value", "on")))
        elif kind not in ("submit", "button", "file") and given.get("name"):
            self.pairs.append((given["name"], _native(kind, value)))

    def handle_data(self, data):
        if self.area is not None:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            if not self.select["off"]:
                chosen = self.select["chosen"] or self.select["values"][:1]
                self.pairs.extend((self.select["name"], one) for one in chosen[-1:])
            self.select = None
        elif tag == "textarea" and self.area:
            name, text = self.area
            self.pairs.append((name, text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")))
            self.area = None


def _native(kind, value):
    if kind not in ("date", "month"):
        return value.replace("\r", "").replace("\n", "")
    try:
        whole = value if kind == "date" else f"{value}-01"
        return value if len(whole) == 10 and date.fromisoformat(whole).year > 0 and value.isascii() else ""
    except ValueError:
        return ""


def sent_back(html):
    """The form's data, encoded and decoded as on the wire."""
    form = _Form()
    form.feed(html)
    return QueryDict(urlencode([pair for pair in form.pairs if pair[0]]))
