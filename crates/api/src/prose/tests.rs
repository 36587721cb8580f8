use std::time::{Duration, Instant};

use expect_test::{Expect, expect};

use super::*;
use crate::view::ProseNode;

fn read(markup: Markup, text: &str) -> (Prose, Vec<String>) {
    let own = [Url::parse("http://127.0.0.1:3000").unwrap()];
    let mut reading = Reading::new(markup, &own, 1_000);
    let prose = reading.read(text);
    (prose, reading.addresses)
}

#[track_caller]
fn check(markup: Markup, text: &str, expected: Expect) {
    let (prose, _) = read(markup, text);
    let mut shown = prose.nodes.iter().map(show).collect::<Vec<_>>().join("\n");
    if prose.truncated {
        shown.push_str("\n…");
    }
    expected.assert_eq(&shown);
}

fn all(children: &[ProseNode]) -> String {
    children.iter().map(show).collect()
}

/// A tree as a short text.
fn show(node: &ProseNode) -> String {
    use ProseNode as N;
    match node {
        N::Paragraph { children } => format!("p({})", all(children)),
        N::Heading { level, children } => format!("h{level}({})", all(children)),
        N::Quote { children } => format!("quote({})", all(children)),
        N::List { start: Some(start), children } => format!("ol{start}({})", all(children)),
        N::List { start: None, children } => format!("ul({})", all(children)),
        N::Item { checked: Some(done), children } => {
            format!("[{}]({})", if *done { 'x' } else { ' ' }, all(children))
        }
        N::Item { checked: None, children } => format!("li({})", all(children)),
        N::CodeBlock { text } => format!("pre({text})"),
        N::Table { children } => format!("table({})", all(children)),
        N::TableRow { head, children } => format!("{}({})", if *head { "th" } else { "tr" }, all(children)),
        N::TableCell { children } => format!("td({})", all(children)),
        N::Rule => "rule".to_owned(),
        N::Text { text } => text.clone(),
        N::Code { text } => format!("`{text}`"),
        N::Emphasis { children } => format!("em({})", all(children)),
        N::Strong { children } => format!("strong({})", all(children)),
        N::Strike { children } => format!("del({})", all(children)),
        N::Link { link, children } => {
            format!("a{}[{}]({})", if link.allowed { "" } else { "!" }, link.host, all(children))
        }
        N::Image { link, alt } => format!("img{}[{}]({alt})", if link.allowed { "" } else { "!" }, link.host),
        N::Break => "/".to_owned(),
    }
}

fn depth(nodes: &[ProseNode]) -> usize {
    use ProseNode as N;
    let inner = |node: &ProseNode| match node {
        N::Paragraph { children }
        | N::Heading { children, .. }
        | N::Quote { children }
        | N::List { children, .. }
        | N::Item { children, .. }
        | N::Table { children }
        | N::TableRow { children, .. }
        | N::TableCell { children }
        | N::Emphasis { children }
        | N::Strong { children }
        | N::Strike { children }
        | N::Link { children, .. } => depth(children),
        _ => 0,
    };
    nodes.iter().map(|node| 1 + inner(node)).max().unwrap_or(0)
}

#[test]
fn markdown_of_an_issue_becomes_nodes() {
    check(
        Markup::Markdown,
        "# Slow\n\nSince *noon* it **hangs**, ~~always~~ `GET /pay`.\nSecond line.\n\n- [x] seen\n- [ ] mended\n\n1. one\n2. two\n   - deeper\n\n> said\n\n```rust\nlet a = 1;\n```\n\n---\n\n| a | b |\n|---|---|\n| 1 | **2** |\n",
        expect![[r#"
            h1(Slow)
            p(Since em(noon) it strong(hangs), del(always) `GET /pay`./Second line.)
            ul([x](seen)[ ](mended))
            ol1(li(one)li(twoul(li(deeper))))
            quote(p(said))
            pre(let a = 1;)
            rule
            table(th(td(a)td(b))tr(td(1)td(strong(2))))"#]],
    );
}

#[test]
fn links_show_their_host_with_port_and_bad_ones_cannot_be_opened() {
    check(
        Markup::Markdown,
        "[docs](https://docs.example.org/a) [odd](https://docs.example.org:8443/a) https://x.example/(a). [own](http://127.0.0.1:3000/x)\n\
         [js](javascript:alert(1)) [data](data:text/html,x) [rel](../a) [user](https://github.com@evil.example/) [plain](http://evil.example/)\n\
         [bidi](https://git\u{202e}hub.com/) [file](file:///etc/passwd)",
        expect![[r#"
            p(a[https://docs.example.org](docs) a[https://docs.example.org:8443](odd) a[https://x.example](https://x.example/(a)). a[http://127.0.0.1:3000](own)/a![](js) a![](data) a![](rel) a![https://evil.example](user) a![http://evil.example](plain)/a![](bidi) a![](file))"#]],
    );
    let (_, addresses) = read(Markup::Markdown, "[js](javascript:alert(1)) [ok](https://ok.example/)");
    assert_eq!(addresses, ["", "https://ok.example/"], "what cannot be opened is not kept");
}

#[test]
fn html_is_never_passed_on_and_nothing_is_hidden_in_it() {
    check(
        Markup::Markdown,
        "<script>alert(1)</script>\n\n<img src=\"https://pix.example/a.png\" alt=\"shot\" onerror=\"alert(1)\"> <b>bold</b> <iframe src=x></iframe>\n\n\
         <!-- form\nhint -->\n<details><summary>Log</summary>\n\nline\n\n</details>\n\na<br>b <a href=\"javascript:x\">c</a>",
        expect![[r#"
            p(<script>alert(1)</script>)
            p(img[https://pix.example](shot) bold <iframe src=x></iframe>)
            p(Log/)
            p(line)
            p(/)
            p(a/b <a href="javascript:x">c</a>)"#]],
    );
}

#[test]
fn pictures_are_offered_and_never_loaded() {
    check(
        Markup::Markdown,
        "![a **b** [c](https://d.example)](https://pix.example:444/x.png) ![](javascript:x)",
        expect!["p(img[https://pix.example:444](a b c) img![]())"],
    );
}

#[test]
fn textile_of_redmine_becomes_nodes() {
    check(
        Markup::Textile,
        "h2. Steps\r\n\r\n* one *bold*\r\n* two _em_ -gone- @code@\r\n** deeper\r\n\r\n# first\r\n# second\r\n\r\nbq. said\r\n\r\n<pre><code class=\"ruby\">\nputs 1\n</code></pre>\r\n\r\n\"docs\":https://docs.example.org/a. see !https://pix.example/a.png! and https://x.example\r\nnext line\r\n\r\n|_.a|_.b|\r\n|1|2|\r\n\r\n---",
        expect![[r#"
            h2(Steps)
            ul(li(one strong(bold))li(two em(em) del(gone) `code`ul(li(deeper))))
            ol1(li(first)li(second))
            quote(said)
            pre(puts 1)
            p(a[https://docs.example.org](docs). see img[https://pix.example](a.png) and a[https://x.example](https://x.example)/next line)
            table(th(td(a)td(b))tr(td(1)td(2)))
            rule"#]],
    );
}

#[test]
fn what_only_looks_like_textile_stands_as_it_was_typed() {
    check(
        Markup::Textile,
        "2 * 3 * 4, snake_case_name, user@host and me@home, a-b-c, \"quoted\" : text, \"x\":javascript:alert(1), !wow! <script>x</script>",
        expect![[
            r#"p(2 * 3 * 4, snake_case_name, user@host and me@home, a-b-c, "quoted" : text, "x":javascript:alert(1), !wow! <script>x</script>)"#
        ]],
    );
}

#[test]
fn plain_text_keeps_its_lines_and_its_addresses() {
    check(
        Markup::Plain,
        "one\ntwo *not bold*\n\n\n\nhttps://a.example/x, <b>",
        expect![[r#"
            p(one/two *not bold*)
            p(a[https://a.example](https://a.example/x), <b>)"#]],
    );
}

#[test]
fn what_hides_in_text_becomes_visible() {
    check(Markup::Markdown, "a\u{202e}b `c\u{0}d`", expect!["p(a⟨U+202E⟩b `c⟨U+0000⟩d`)"]);
}

#[test]
fn depth_and_size_are_bounded_whatever_is_sent() {
    let deep = 10_000;
    let hostile = [
        format!("{}x", ">".repeat(deep)),
        format!("{}x", "- ".repeat(deep)),
        format!("{}x{}", "*".repeat(deep), "*".repeat(deep)),
        format!("{}x{}", "[".repeat(deep), "](y)".repeat(deep)),
        format!("{}x{}", "![".repeat(deep), "](y)".repeat(deep)),
        "<b>".repeat(deep),
        "<!--".repeat(deep),
        "`".repeat(deep),
        "http://".repeat(deep),
        format!("https://x.example/{}", ")".repeat(deep)),
        "\"x\":https://a ".repeat(deep),
        "|a".repeat(deep) + "|\n" + &"|-".repeat(deep) + "|",
        (0..400).map(|n| format!("{}item\n", "*".repeat(n) + " ")).collect(),
        "x".repeat(1 << 20),
        "**bold** [a](https://a.example) `c`\n\n".repeat(1 << 15),
    ];
    for text in &hostile {
        for markup in [Markup::Markdown, Markup::Textile, Markup::Plain] {
            let start = Instant::now();
            let (prose, addresses) = read(markup, text);
            let beginning: String = text.chars().take(12).collect();
            assert!(depth(&prose.nodes) <= DEEPEST + 1, "{beginning} is too deep in {markup:?}");
            let json = serde_json::to_string(&prose).expect("it can be written");
            assert!(json.matches("\"node\"").count() <= 1_000, "{beginning} is too large in {markup:?}");
            assert!(addresses.len() <= 1_000, "{beginning}");
            assert!(start.elapsed() < Duration::from_secs(5), "{beginning} takes {:?}", start.elapsed());
        }
    }
    let (prose, _) = read(Markup::Markdown, &"x".repeat(1 << 20));
    assert!(prose.truncated, "what was cut off is told");
}

#[test]
fn texts_share_one_budget_and_the_last_ones_still_begin() {
    let mut reading = Reading::new(Markup::Markdown, &[], 3);
    assert!(!reading.read("one").truncated);
    assert!(reading.read("*two* three four").truncated);
    let last = reading.read(&format!("**three** {}", "x".repeat(600)));
    assert!(last.truncated);
    assert!(
        matches!(last.nodes.as_slice(), [ProseNode::Text { text }] if text.starts_with("**three**") && text.len() == 500)
    );
}

#[test]
fn the_lines_of_a_file_are_joined_and_those_of_a_comment_kept() {
    let text = "one\ntwo  \nthree";
    check(Markup::Markdown, text, expect!["p(one/two/three)"]);
    let mut reading = Reading::new(Markup::Markdown, &[], 10).of_files();
    let shown: String = reading.read(text).nodes.iter().map(show).collect();
    assert_eq!(shown, "p(one two/three)");
}
