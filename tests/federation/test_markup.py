"""What members write becomes HTML that the gate leaves alone, and names those it should name."""

import re
import unicodedata

import pytest
from bleach._vendor import html5lib
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation.markup import MentionLink, counted, find_mentions, normalise_tag, render
from federation.sanitise import plain_text, post_html

REL = "nofollow noopener noreferrer ugc"
UNSHOWN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def actor(name):
    handle = name if "@" in name else f"{name}@section.example"
    username = handle.partition("@")[0]
    return MentionLink(f"https://a.example/actors/{handle}", f"https://a.example/@{handle}", username)


def rendered(text, mention=actor):
    return render(text, mention=mention, tag_url=lambda tag: f"https://a.example/tags/{tag}")


def html_of(text):
    """Only what the writer decides: without the paragraph and the rel that the gate gives every link."""
    html = rendered(text).html.replace(f' rel="{REL}"', "").replace(f"tag {REL}", "tag")
    return html.removeprefix("<p>").removesuffix("</p>")


def links_in(html):
    return [link.get("href") for link in html5lib.parseFragment(html, namespaceHTMLElements=False).iter("a")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Bonjour", "<p>Bonjour</p>"),
        ("a\nb\r\nc\rd", "<p>a<br>b<br>c<br>d</p>"),
        ("a\n\nb\n \t\n\n\nc", "<p>a</p><p>b</p><p>c</p>"),
        ("a\u2028b\u2029\u2029c", "<p>a<br>b</p><p>c</p>"),
        ("\n\n  a  \n\n", "<p>a</p>"),
        ("<b>1 < 2 & \"3\" '4' &amp; &lt;\xa0!", "<p>&lt;b&gt;1 &lt; 2 &amp; \"3\" '4' &amp;amp; &amp;lt;&nbsp;!</p>"),
        ("a\x00b\ud800c", "<p>abc</p>"),
        ("", ""),
        (" \n\n \n", ""),
    ],
)
def test_lines_and_paragraphs(text, html):
    assert rendered(text).html == html


def test_a_mention_is_written_as_mastodon_writes_it():
    assert rendered("Merci @Bob@Remote.Example!").html == (
        '<p>Merci <span class="h-card" translate="no"><a href="https://a.example/@Bob@remote.example" '
        f'class="u-url mention" rel="{REL}">@<span>Bob</span></a></span>!</p>'
    )


def test_a_hashtag_is_written_as_mastodon_writes_it():
    assert rendered("Rendez-vous #Été2027.").html == (
        '<p>Rendez-vous <a href="https://a.example/tags/été2027" class="mention hashtag" '
        f'rel="tag {REL}">#<span>Été2027</span></a>.</p>'
    )


def test_a_url_shows_thirty_characters():
    assert html_of("https://www.example.org/programme/2027/canton-du-bourg?a=1&b=2") == (
        '<a href="https://www.example.org/programme/2027/canton-du-bourg?a=1&amp;b=2">'
        '<span class="invisible">https://www.</span><span class="ellipsis">example.org/programme/2027/can</span>'
        '<span class="invisible">ton-du-bourg?a=1&amp;b=2</span></a>'
    )


def test_a_short_url_is_shown_whole():
    assert html_of("http://example.org/a") == (
        '<a href="http://example.org/a"><span class="invisible">http://</span><span>example.org/a</span></a>'
    )


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("voir https://example.org/a.", ["https://example.org/a"]),
        ("https://example.org/a, https://example.org/b !", ["https://example.org/a", "https://example.org/b"]),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("(https://example.org/a_(b)?)", ["https://example.org/a_(b)"]),
        ("[https://example.org/a[]=1]", ["https://example.org/a[]=1"]),
        ("«https://example.org/a» “https://example.org/b”", ["https://example.org/a", "https://example.org/b"]),
        ("https://example.org/(a", ["https://example.org/"]),
        ("https://example.org/a…", ["https://example.org/a"]),
        ("https://example.org\\@evil.example", ["https://example.org"]),
        ("https://example.org/<b>", ["https://example.org/"]),
        ("l’adresse:https://example.org", ["https://example.org"]),
        ("HTTPS://Example.ORG/É?q=à", ["HTTPS://Example.ORG/É?q=à"]),
        ("http://127.0.0.1:3000/a http://[::1]:80/", ["http://127.0.0.1:3000/a", "http://[::1]:80/"]),
        ("https://example.org/\nhttps://example.org/b", ["https://example.org/", "https://example.org/b"]),
    ],
)
def test_a_url_ends_where_its_sentence_goes_on(text, urls):
    assert links_in(rendered(text).html) == urls


@pytest.mark.parametrize(
    "text",
    [
        "example.org www.example.org/a",
        "javascript:alert(1) javascript://example.org/%0aalert(1)",
        "ftp://example.org/ gemini://example.org/~a data:text/html,a",
        "https://user:password@example.org/ https://example.org@evil.example/",
        "https:// http://. https://!!! https:///a",
        "xhttps://example.org",
        "https://example.org:99999/",
        "https://" + "a" * 2050,
        "section@example.org mailto:section@example.org",
    ],
)
def test_what_is_no_web_address_stays_text(text):
    result = rendered(text)

    assert links_in(result.html) == []
    assert plain_text(result.html) == text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@alice", ["alice"]),
        ("@alice@Remote.Example", ["alice@remote.example"]),
        ("@Alice @alice @ALICE@a.example @ALICE@A.EXAMPLE", ["Alice", "alice", "ALICE@a.example"]),
        ("(@alice) «@bob» d'@eve d’@eve2 ...@f", ["alice", "bob", "eve", "eve2", "f"]),
        ("@alice, @bob. @carol: @dan!", ["alice", "bob", "carol", "dan"]),
        ("@eve@a.example. @f@a.example:", ["eve@a.example", "f@a.example"]),
        ("@a_b.c-d @a@localhost:8000 @a@b.example:12h", ["a_b.c-d", "a@localhost:8000", "a@b.example"]),
        ("@bob@café.example @bob@xn--caf-dma.example", ["bob@café.example", "bob@xn--caf-dma.example"]),
        ("@bob@remote.example/suite", ["bob@remote.example"]),
        ("\n@alice\n\n@bob\r\n@carol", ["alice", "bob", "carol"]),
        ("voir gemini://a.example/(b @alice", ["alice"]),
        ("alice@example.org jean.dupont+tract@example.org x_@example.org", []),
        ("mailto:alice@example.org", []),
        ("https://a.example/@alice https://a.example/@alice@b.example?x=@bob", []),
        ("https://user@host/@alice gemini://a.example/~@alice a.example/@alice a.example/?u=@alice", []),
        ("xhttps://a.example/@alice", []),
        ("@ @@alice @alice@ @alice@@b @a@b@c @renée @-a", []),
        ("/@alice =@alice &@alice #@alice", []),
        ("", []),
    ],
)  # fmt: skip
def test_who_is_mentioned(text, names):
    assert find_mentions(text) == names


def test_each_actor_is_listed_once_however_it_is_spelled():
    bob = MentionLink("https://a.example/bob", "https://a.example/@bob", "bob")

    result = rendered("@bob @Bob@a.example @nobody", mention=lambda name: None if name == "nobody" else bob)

    assert result.mentions == (bob,)
    assert len(links_in(result.html)) == 2
    assert plain_text(result.html) == "@bob @bob @nobody"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/local", 'https://a.example/" onclick="x', ""])
def test_an_actor_without_a_safe_page_is_not_linked(url):
    result = rendered("@bob", mention=lambda name: MentionLink("https://a.example/bob", url, "bob"))

    assert (result.html, result.mentions) == ("<p>@bob</p>", ())


def test_a_username_of_another_server_cannot_carry_markup():
    evil = MentionLink("https://a.example/b", "https://a.example/?a&b", '<img src=x onerror="x">')

    assert "<img" not in rendered("@bob", mention=lambda name: evil).html


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Été2027 #été2027 #ÉTÉ2027", ["été2027"]),
        ("#sale #salé", ["sale", "salé"]),
        ("#2027élections #élections_2027 #_a", ["2027élections", "élections_2027", "_a"]),
        ("#adhérent·e·s #adhérent·", ["adhérent·e·s", "adhérent"]),
        ("＃選挙・東京 #हिन्दी #می\u200cخواهم", ["選挙・東京", "हिन्दी", "می\u200cخواهم"]),
        ("#e\u0301te\u0301 #ﬁn #ＡＢＣ", ["été", "fin", "abc"]),
        ("(#a) «#b» #c, #d. #e-f", ["a", "b", "c", "d", "e"]),
        ("\n#a\n\n#b", ["a", "b"]),
        ("#" + "a" * 100, ["a" * 100]),
        ("#2027 #_ #² #1️⃣ #️⃣ # ## #! #·a", []),
        ("a#b /#b &#b; =#b #①", []),
        ("https://a.example/#b https://a.example/?c#b a.example/#b gemini://a.example/ #", []),
        ("#" + "a" * 101, []),
        ("#" + "ﬃ" * 50, []),
        ("#\ufdfa", []),
    ],
)
def test_which_tags_are_named(text, tags):
    assert [normalise_tag(tag) for tag in rendered(text).tags] == tags


def test_a_tag_is_remembered_as_it_was_first_written():
    assert rendered("#Été #ÉTÉ #été #Hiver").tags == ("Été", "Hiver")


def test_a_tag_without_a_safe_page_stays_text():
    result = render("#a", mention=actor, tag_url=lambda tag: f"/tags/{tag}")

    assert (result.html, result.tags) == ("<p>#a</p>", ())


@pytest.mark.parametrize(
    ("name", "tag"),
    [("#Été2027", "été2027"), ("＃ＡＢ", "ab"), (" Straße ", "strasse"), ("E\u0301", "é"), ("##", ""), ("", "")],
)
def test_spellings_of_a_tag_meet(name, tag):
    assert normalise_tag(name) == tag


@settings(deadline=None)
@given(st.text())
def test_normalising_a_tag_twice_is_normalising_it_once(name):
    tag = normalise_tag(name)

    assert normalise_tag(tag) == tag
    assert unicodedata.is_normalized("NFKC", tag)


PIECES = [
    "@alice", "@bob@remote.example", "#Été", "#2027", "https://example.org/a?b=c&d#e", "https://", "http://x",
    "www.a.example", "a@b.example", "/", "@", "#", "(", ")", "[", "]", ".", ",", "\n", "\n\n", " ", "\r",
    "<script>", "</p>", "&amp;", "&", '"', "'", "javascript:alert(1)", " onload=alert(1)", "<!--", "\\", "`",
    "\xa0", "\0", "\ud800", "\u202e", "<a href='x'>", "é", "·",
]  # fmt: skip
written = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@settings(deadline=None)
@given(text=written)
@example(text="https://example.org/'onmouseover='alert(1)")
@example(text='https://example.org/"onmouseover="alert(1)')
@example(text="https://example.org/\u202egpj.exe")
@example(text="\n".join(["<p>", "&nbsp;", "]]>", "<pre>\n\nx"]))
def test_any_text_yields_only_the_markup_we_write(text):
    html = rendered(text).html

    assert post_html(html) == html
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        assert element.tag in {"DOCUMENT_FRAGMENT", "p", "br", "a", "span"}
        assert set(element.attrib) <= {"href", "class", "rel", "translate"}
        assert re.match(r"https?://", element.get("href", "https://"), re.IGNORECASE)
    assert len(re.findall(r"<(?:a|p|span)\b", html)) == len(re.findall(r"</(?:a|p|span)>", html))


@settings(deadline=None)
@given(text=written)
def test_no_word_is_lost(text):
    shown = plain_text(rendered(text, mention=lambda name: None).html)

    assert shown.split() == UNSHOWN.sub("", re.sub(r"[\f\v\x85]", " ", text)).split()


@settings(deadline=None)
@given(text=written)
def test_the_writer_asks_for_exactly_those_found_beforehand(text):
    asked = []

    rendered(text, mention=asked.append)

    assert list(dict.fromkeys(asked)) == find_mentions(text)


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(["@bob", "#a", "a", "/", ".", "(", "-", "é"]), max_size=12).map("".join))
def test_nothing_inside_a_url_is_named(text):
    result = rendered(f"https://example.org/a{text.replace('(', '')} ftp://example.org/{text}")

    assert (result.mentions, result.tags) == ((), ())


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Bonjour\r\nà tous", 14),
        ("é👍", 2),
        ("https://lille.example/une/tres/longue/adresse?avec=tout", 23),
        ("voir https://a.b, puis", 5 + 23 + 6),
        ("@ali bonjour", 12),
        ("@ali@far.example bonjour", 12),
        ("ali@far.example", 15),
        ("https://a.example/" + "x" * 2100, 2118),
    ],
)
def test_characters_are_counted_as_apps_count_them(text, count):
    assert counted(text) == count


@given(st.text())
def test_no_text_counts_for_less_than_nothing(text):
    assert 0 <= counted(text) <= max(len(text) * 5, 23)
