"""What a browser would send back from a page that nobody touched."""

from datetime import date
from functools import lru_cache
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

    @property
    def is_between(self):
        """Whether all that was read so far is said by `pairs`: no control, tag or script is open."""
        return self.select is None and self.area is None and self.cdata_elem is None and "<" not in self.rawdata


def _native(kind, value):
    if kind not in ("date", "month"):
        return value.replace("\r", "").replace("\n", "")
    try:
        whole = value if kind == "date" else f"{value}-01"
        return value if len(whole) == 10 and date.fromisoformat(whole).year > 0 and value.isascii() else ""
    except ValueError:
        return ""


# Where a page may be cut: what a question, a group or a row begins with.
CUTS = ("<div", "<tr", "<li")


@lru_cache(maxsize=20_000)
def _piece(html):
    """The controls in a piece of a page; None where it cannot be read apart from what follows."""
    form = _Form()
    form.feed(html)
    return tuple(form.pairs) if form.is_between else None


def whole(html):
    """The successful controls of a page read from its beginning to its end."""
    form = _Form()
    form.feed(html)
    return form.pairs


def _cut(html):
    """The page as pieces that make it up again."""
    pieces = [html]
    for begin in CUTS:
        pieces = [one for piece in pieces for one in _apart(piece, begin)]
    return pieces


def _apart(html, begin):
    first, *more = html.split(begin)
    return [first, *(begin + one for one in more)]


def pieced(html):
    """The same, reading again only the pieces that were not read before; pages of one form differ in few of them."""
    found = [_piece(one) for one in _cut(html)]
    return whole(html) if None in found else [pair for one in found for pair in one]


def sent_back(html):
    """The form's data, encoded and decoded as on the wire."""
    return QueryDict(urlencode([pair for pair in pieced(html) if pair[0]]), mutable=True)


class _Words(HTMLParser):
    """The texts between tags, but for elements of one class."""

    def __init__(self, but):
        super().__init__(convert_charrefs=True)
        self.found, self.but, self.hidden = [], but, False

    def handle_starttag(self, tag, attributes):
        self.hidden = bool(self.but) and self.but in (dict(attributes).get("class") or "").split()

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if data.strip() and not self.hidden:
            self.found.append(data.strip())


def text_nodes(html, but=""):
    """What a page says, piece by piece in its order, without elements of the class `but`."""
    words = _Words(but)
    words.feed(html)
    words.close()
    return words.found
