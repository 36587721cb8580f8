//! HTML within Markdown. None of it is kept as HTML: comments (issue forms are full of them) go, tags that only dress text
//! go and leave their text, pictures become pictures, and everything else stands as the text it is.

use super::build::Builder;

/// Tags that only dress what stands between them.
const DRESS: [&str; 25] = [
    "b", "big", "center", "details", "div", "em", "font", "i", "ins", "kbd", "p", "picture", "samp",
    "section", "small", "source", "span", "strong", "sub", "summary", "sup", "tt", "u", "var", "wbr",
];
/// Of these, the ones after which a new line begins.
const LINES: [&str; 5] = ["details", "div", "p", "section", "summary"];

/// Reads HTML.
pub fn read(html: &str, builder: &mut Builder<'_, '_>) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        builder.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        tag(&rest[..=end], builder);
        rest = &rest[end + 1..];
    }
    builder.text(rest);
}

fn tag(tag: &str, builder: &mut Builder<'_, '_>) {
    let inner = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    let closes = inner.starts_with('/');
    let name: String = inner
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    match name.as_str() {
        "br" => builder.line_break(),
        "hr" => builder.rule(),
        "img" if !closes => {
            let alt = attribute(inner, "alt").unwrap_or_default();
            builder.image(attribute(inner, "src").unwrap_or_default(), alt);
        }
        name if DRESS.contains(&name) => {
            if closes && LINES.contains(&name) {
                builder.line_break();
            }
        }
        _ => builder.text(tag),
    }
}

/// The value of an attribute, in quotes of either kind.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find(&format!(" {name}="))? + name.len() + 2;
    let value = &tag[at..];
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = &value[1..];
    inner.find(quote).map(|end| &inner[..end])
}
