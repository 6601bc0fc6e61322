"""What the gate for HTML keeps, what it makes of the rest, and the texts and URLs it reads."""

import html as entities
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.sanitise import (
    actor_note_html,
    ascii_url,
    display_name,
    field_value_html,
    linkify,
    plain_text,
    post_html,
    safe_url,
    words_of,
)

REL = 'rel="nofollow noopener noreferrer ugc"'
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize(
    "html",
    [
        "<p><strong>a</strong> <em>b</em> <b>c</b> <i>d</i> <u>e</u> <s>f</s> <del>g</del> <code>h</code></p>",
        "<ul><li>un<br>deux</li><li>trois</li></ul>",
        '<ol start="3"><li value="7">sept</li></ol>',
        "<blockquote><p>cité</p></blockquote>",
        "<pre><code>if a &lt; b:\n    pass</code></pre>",
        "<h1>un</h1><h2>deux</h2><h3>trois</h3><h4>quatre</h4><h5>cinq</h5><h6>six</h6>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        '<p lang="ar" dir="rtl">مرحبا</p><span translate="no">Coopole</span>',
        f'<a href="https://example.org/?a=1&amp;b=2" {REL}>x</a>',
        f'<a href="mailto:section@example.org" {REL}>x</a>',
        f'<a href="xmpp:section@example.org" {REL}>x</a>',
        f'<a href="gemini://example.org/" {REL}>x</a>',
        f'<a href="https://a.example/tags/x" class="mention hashtag" rel="tag {REL[5:]}>#<span>x</span></a>',
        f'<span class="h-card"><a href="https://a.example/@b" class="u-url mention" {REL}>@<span>b</span></a></span>',
        '<span class="invisible">https://</span><span class="ellipsis">example.org/a</span>',
        '<p class="quote-inline">RE: …</p>',
        "l’été, 1 &lt; 2 &amp; \"3\" 'quatre'&nbsp;!",
    ],
)  # fmt: skip
def test_what_clients_show_stays_as_it_is(html):
    assert post_html(html) == html


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>a<script>alert(1)</script>b<style>p{}</style></p>", "<p>ab</p>"),
        ("<p>a<iframe>b</iframe><svg><text>c</text></svg><math><mi>d</mi></math>e</p>", "<p>ae</p>"),
        ('<p id="a" style="color:red" onclick="x()" data-a="b" title="t">x</p>', "<p>x</p>"),
        ('<p class="red quote-inline  mention quote-inline">x</p>', '<p class="quote-inline mention quote-inline">x</p>'),
        ('<span class="red">x</span>', "<span>x</span>"),
        ('<p lang="a b" dir="up" translate="maybe">x</p>', "<p>x</p>"),
        ('<ol start="x"><li value="1e9">y</li></ol>', "<ol><li>y</li></ol>"),
        ('<a href="https://x.example" target="_blank" rel="me opener">x</a>', f'<a href="https://x.example" {REL}>x</a>'),
        ('<a rel="TAG" href="ftp://x.example">x</a>', f'<a rel="tag {REL[5:]}>x</a>'),
        ('<a href="/local">x</a>', f"<a {REL}>x</a>"),
        ("<p>a<custom-tag>b</custom-tag><font>c</font></p>", "<p>abc</p>"),
        ("<p>a<br/>b", "<p>a<br>b</p>"),
        ("a&#13;b&#1;c\x00d\x85\ufffee", "a\nbcde"),
        ("<!-- a -->b", "b"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_has_no_place_is_dropped(html, clean):
    assert post_html(html) == clean


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<div>a</div><div>b</div>", "a<br>b"),
        ("<div><div>a</div></div><p>b</p>", "a<p>b</p>"),
        ("<p>a</p><div>b</div>", "<p>a</p>b"),
        ("<div>a</div><b>b</b>", "a<br><b>b</b>"),
        ("<div>a</div>\n<div></div>", "a\n"),
        ("a<hr>b", "a<br>b"),
        ("<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>d", "a b<br>c<br>d"),
        ("<dl><dt>a<dd>b</dl>", "a<br>b"),
    ],
)
def test_other_blocks_become_the_breaks_they_make(html, clean):
    assert post_html(html) == clean


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ('a <img src="https://x.example/y.png" alt="un &quot;tract&quot; &lt;b&gt;"> b', 'a un "tract" &lt;b&gt; b'),
        ('<div>a</div><img src="https://x.example/y.png" alt="b">', "a<br>b"),
        ('<img src="https://x.example/y.png" alt=" ">', f'<a href="https://x.example/y.png" {REL}>https://x.example/y.png</a>'),
        ('<a href="https://x.example"><img src="https://x.example/y.png"></a>', f'<a href="https://x.example" {REL}>https://x.example/y.png</a>'),
        ('a<img src="data:image/png;base64,AAAA">b', "ab"),
        ('a<IMG SRC="javascript:alert(1)">b', "ab"),
        ("a<img", "a"),
    ],
)  # fmt: skip
def test_an_image_becomes_its_description_or_a_link(html, clean):
    assert post_html(html) == clean


def test_leading_newlines_of_preformatted_text_do_not_erode():
    assert post_html("<pre lang=fr>\n\n\nx</pre>") == '<pre lang="fr">x</pre>'


def test_a_tree_that_only_dropped_elements_held_together_is_read_again():
    assert post_html("<h1>a<marquee><h2>b") == "<h1>a</h1><h2>b</h2>"


def test_a_long_post_keeps_its_formatting_but_not_its_attributes():
    words = "<b lang=fr>mot</b> " * 60

    assert post_html(f"<p>{words}</p>") == f"<p>{'<b>mot</b> ' * 60}</p>"


def test_a_note_has_no_headings_and_may_say_me():
    assert actor_note_html("<h1>a</h1><p>b</p>") == "a<p>b</p>"
    assert actor_note_html('<a href="https://x.example" rel="me">x</a>') == (
        f'<a href="https://x.example" rel="me {REL[5:]}>x</a>'
    )


def test_a_field_is_a_line_of_text_that_may_say_me():
    html = '<p>a</p><ul><li><a href="https://x.example" rel="tag me">x</a></li></ul>'

    assert field_value_html(html) == f'a<br><a href="https://x.example" rel="me {REL[5:]}>x</a>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Bonjour&nbsp;à <b>tous</b></p><p>a<br>b<br/>c</p>", "Bonjour\xa0à tous\n\na\nb\nc"),
        ("<ul><li>a</li><li>b</li></ul><div>c</div>d", "a\nb\n\nc\nd"),
        ("<h1>a</h1>\n<blockquote><p>b</p></blockquote>", "a\n\nb"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<p>a\n   b\tc</p>", "a b c"),
        ("<pre>a\n  b</pre>c\nd", "a\nb\n\nc d"),
        ('<span class="invisible">https://</span>x.example', "https://x.example"),
        ('a <img alt="b &amp; c"><img>', "a b & c"),
        ("a<script>b</script><style>c</style>", "a"),
        ("&lt;b&gt; &amp;lt; &eacute; &#x27;", "<b> &lt; é '"),
        ("2 < 3 & 4 > 1", "2 < 3 & 4 > 1"),
        ("a&#1;b\x00c\u202egpj.exe\u2069", "abcgpj.exe"),
        ("a\u2028b<pre>c&#13;d</pre>", "a\nb\n\nc\nd"),
        ("a<br><br><br><p>b</p><img alt=c>", "a\n\nb\n\nc"),
        ("\ud800", ""),
        ("  ", ""),
    ],
)
def test_text_of_html(html, text):
    assert plain_text(html) == text


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_text_survives_being_escaped_and_read(text):
    assert plain_text(entities.escape(text)) == text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Section du Bourg", "Section du Bourg"),
        ("<b>Marie</b> &amp; <script>x</script>Anne", "Marie & Anne"),
        ("  a \t b\n\nc<br>d ", "a b c d"),
        ("admin\u202e\u2066nimda\u2069", "adminnimda"),
        ("Ma\u200brie\ufeff\u00ad", "Marie"),
        ("\u200d\u200c\u200d", ""),
        ("a\u200d\u200d\u200db", "ab"),
        ("\u200da \u200cb\u200d", "a b"),
        ("\u3164\u2800", ""),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        (SCOTLAND, SCOTLAND),
        ("a\U000e0061\U000e0062", "a"),
        ("a\x00b\x9fc", "abc"),
        ("I <3 you", "I <3 you"),
        ("", ""),
    ],
)  # fmt: skip
def test_names_are_shown_without_what_hides_in_them(written, shown):
    assert display_name(written) == shown


def test_a_long_name_is_cut():
    assert display_name("é" * 10_000) == "é" * 200
    assert display_name("abc def", max_chars=4) == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/@a/1?b=c#d",
        "HTTPS://Example.org/",
        "https://café.example/Été",
        "https://xn--caf-dma.example/",
        "https://127.0.0.1:3000/x",
        "https://[2001:db8::1]:443/x",
        "https://example.org/a@b",
        "https://example.org./",
    ],
)
def test_an_absolute_web_address_passes_unchanged(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None, "", "/x", "//example.org/x", "example.org", "https:", "https:/example.org", "https:///x", "https://:80/",
        "ftp://example.org", "javascript:alert(1)", "javascript://example.org/%0aalert(1)", "data:text/html,x",
        "https://a@example.org", "https://a:b@example.org/", "https://example.org\\@evil.example", "https:\\\\x.example",
        " https://example.org", "https://example.org/a b", "https://exam\nple.org", "https://example.org/\x00",
        "https://example.org/\u202egpj", 'https://example.org/"x', "https://example.org/<x>", "https://example.org/\u2028",
        "https://example.org:x/", "https://example.org:99999/", "https://[::1", "https://[::g]/", "https://a..example/",
        "https://exa%6dple.org/", "https://exa mple.org", "https://ex*mple.org", "https://" + "a" * 64 + "é.example/",
        "https://example.org/" + "a" * 2048, "https://example.org/\ud800", "https://.",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(url):
    assert safe_url(url) is None


@settings(deadline=None)
@given(st.text() | st.from_regex(r"https?://[^ ]{0,30}(/.{0,20})?", fullmatch=True))
def test_a_safe_url_is_itself_and_stays_a_link(url):
    assert safe_url(url) in {None, url}
    if safe_url(url) is not None:
        assert post_html(f'<a href="{entities.escape(url)}">x</a>').startswith("<a ")


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/@a/1?b=%20c&d=[e]#f", "https://example.org/@a/1?b=%20c&d=[e]#f"),
        ("https://café.example:8080/Été?q=ß#ü", "https://xn--caf-dma.example:8080/%C3%89t%C3%A9?q=%C3%9F#%C3%BC"),
        ("https://example.org/{a}|b^c`d", "https://example.org/%7Ba%7D%7Cb%5Ec%60d"),
        ("https://[2001:db8::1]:443/é", "https://[2001:db8::1]:443/%C3%A9"),
        ("https://example.org/" + "é" * 500, None),
        ("javascript:é", None),
        (None, None),
    ],
)
def test_an_address_is_written_in_ascii(url, written):
    assert ascii_url(url) == written


@settings(deadline=None)
@given(st.text() | st.from_regex(r"https?://[^ ]{0,30}(/.{0,20})?", fullmatch=True))
def test_an_address_in_ascii_is_safe_and_stays_itself(url):
    written = ascii_url(url)
    if written is not None:
        assert written.isascii()
        assert ascii_url(written) == safe_url(written) == written


def test_links_are_made_by_the_caller_and_all_else_is_escaped():
    made = linkify("<a> x1 & x2, x3", re.compile(r"x\d"), lambda found: None if found == "x2" else f"<b>{found}</b>")

    assert made == "&lt;a&gt; <b>x1</b> &amp; x2, <b>x3</b>"
    assert linkify("a & b", re.compile("x"), str) == "a &amp; b"
    assert linkify("", re.compile("x"), str) == ""


PIECES = (
    "<p>", "</p>", "<br>", "<b>", "</b>", "<td>", "<li>", "<a href='https://a.test/?b>c'>", "</a>", "&amp;", "&lt;p&gt;",
    "é", "mot", " ", "\n", "<", ">",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_words_of_clean_html_are_those_of_its_text(html):
    clean = post_html(html)

    assert words_of(clean).split() == plain_text(clean).split()
