//! A drawing as a file of its own. It runs nothing, loads nothing and links nowhere.

use std::fmt::{self, Write};

use chrono::{DateTime, Utc};

use crate::draw::Drawing;
use crate::pen::Ink;

/// What a chart says. Any of it may come from a stranger: it is escaped when it is written.
pub struct Words<'a> {
    /// Its heading.
    pub title: &'a str,
    /// What it shows, in sentences: for those who do not see it.
    pub description: &'a str,
    /// How a time of the axis is written.
    pub time: &'a dyn Fn(DateTime<Utc>) -> String,
    /// How a value of the grid is written.
    pub value: &'a dyn Fn(u64) -> String,
    /// What the shapes mean.
    pub legend: &'a [LegendEntry<'a>],
}

/// What a shape means.
pub struct LegendEntry<'a> {
    /// The shape.
    pub ink: Ink,
    /// Its meaning.
    pub meaning: &'a str,
}

/// Colours for a light and a dark ground: those of the window.
const STYLE: &str = "\
text{font:12px 'IBM Plex Sans',system-ui,sans-serif;fill:#3d4d5a}.title{font-size:14px;font-weight:600;fill:#0e1b26}\
.ground{fill:#fff}.unread{fill:url(#unread)}.partly{fill:url(#partly)}.hatch{stroke:#424e55;stroke-opacity:.4}.grid{stroke:#cdd6de}\
.bar{fill:#e9eef2;stroke:#3d4d5a}.at_least{fill:none;stroke:#3d4d5a;stroke-dasharray:3 2}.bad{fill:#86101f;stroke:#86101f}\
.spread{stroke:#3d4d5a}.middle{fill:#0e1b26}path{fill:none;shape-rendering:crispEdges}.middle{shape-rendering:auto}\
@media(prefers-color-scheme:dark){text{fill:#b3bfca}.title{fill:#e7edf3}.ground{fill:#0b1016}.hatch{stroke:#9097a0}\
.grid{stroke:#26323e}.bar{fill:#1a232d;stroke:#b3bfca}.at_least{stroke:#b3bfca}.bad{fill:#f06464;stroke:#f06464}.spread{stroke:#b3bfca}\
.middle{fill:#e7edf3}}";

const HEAD: u32 = 32;
const LEGEND: u32 = 28;
/// A heading is cut here, so that it stays on the picture.
const LONGEST: usize = 120;

/// Writes the file.
pub fn svg(drawing: &Drawing, words: &Words<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_svg(&mut out, drawing, words);
    out
}

fn write_svg(out: &mut String, drawing: &Drawing, words: &Words<'_>) -> fmt::Result {
    let (width, height) = (drawing.size.width, drawing.size.height + HEAD + LEGEND);
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">"
    )?;
    writeln!(out, "<title id=\"title\">{}</title>", escape(words.title))?;
    writeln!(out, "<desc id=\"desc\">{}</desc>", escape(words.description))?;
    writeln!(out, "<style>{STYLE}</style>")?;
    writeln!(out, "<defs>{}{}</defs>", hatch("unread", 6), hatch("partly", 12))?;
    writeln!(out, "<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>")?;
    writeln!(out, "<text class=\"title\" x=\"12\" y=\"22\">{}</text>", escape(&cut(words.title)))?;
    writeln!(out, "<g transform=\"translate(0 {HEAD})\">")?;
    for layer in &drawing.layers {
        writeln!(out, "<path class=\"{}\" d=\"{}\"/>", layer.ink.as_str(), layer.d)?;
    }
    let first = drawing.marks.first().map_or(0, |mark| mark.x);
    for tick in &drawing.values {
        let word = escape(&(words.value)(tick.value));
        writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{word}</text>", first - 6, tick.y + 4)?;
    }
    for tick in &drawing.times {
        let word = escape(&(words.time)(tick.at));
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{word}</text>",
            tick.x,
            drawing.foot + 16
        )?;
    }
    writeln!(out, "</g>")?;
    legend(out, words.legend, height)?;
    writeln!(out, "</svg>")
}

fn hatch(id: &str, every: u32) -> String {
    format!(
        "<pattern id=\"{id}\" width=\"{every}\" height=\"{every}\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0v{every}\"/></pattern>"
    )
}

fn legend(out: &mut String, entries: &[LegendEntry<'_>], height: u32) -> fmt::Result {
    let y = height - 14;
    let mut x = 12;
    for entry in entries {
        writeln!(out, "<path class=\"{}\" d=\"{}\"/>", entry.ink.as_str(), swatch(entry.ink, x, y))?;
        writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", x + 18, y + 4, escape(entry.meaning))?;
        // Letters are about seven pixels wide; the file has no font to measure.
        x += 36 + 7 * u32::try_from(entry.meaning.chars().count()).unwrap_or(0);
    }
    Ok(())
}

fn swatch(ink: Ink, x: u32, y: u32) -> String {
    match ink {
        Ink::Spread | Ink::Grid => format!("M{} {}v12M{} {}h8", x + 6, y - 6, x + 2, y - 6),
        Ink::Middle => format!("M{} {y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z", x + 3),
        _ => format!("M{x} {}h12v10h-12z", y - 5),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Makes any text safe as text and as the value of an attribute. Characters that XML does not know are replaced.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use expect_test::expect;

    use super::*;
    use crate::draw::{Size, draw};
    use crate::series::{Count, Known, Series, Slot};

    fn file(title: &str) -> String {
        let hour = |at: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(at);
        let slots = [(Known::Read, 3, 1), (Known::Unread, 0, 0)];
        let slot = |(at, (known, all, bad)): (usize, (Known, u32, u32))| {
            let from = hour(i64::try_from(at).unwrap_or(0));
            Slot { from, until: from + TimeDelta::hours(1), known, value: Count { all, bad } }
        };
        let series = Series::Counts(slots.into_iter().enumerate().map(slot).collect());
        let drawing = draw(&series, Size { width: 240, height: 100 }, TimeDelta::zero()).unwrap();
        let words = Words {
            title,
            description: title,
            time: &|at| at.format("%H:%M").to_string(),
            value: &|value| value.to_string(),
            legend: &[LegendEntry { ink: Ink::Unread, meaning: title }],
        };
        svg(&drawing, &words)
    }

    #[test]
    fn a_file_is_complete_and_always_the_same() {
        expect![[r#"
            <svg xmlns="http://www.w3.org/2000/svg" width="240" height="160" viewBox="0 0 240 160" role="img" aria-labelledby="title desc">
            <title id="title">Alerts per hour</title>
            <desc id="desc">Alerts per hour</desc>
            <style>text{font:12px 'IBM Plex Sans',system-ui,sans-serif;fill:#3d4d5a}.title{font-size:14px;font-weight:600;fill:#0e1b26}.ground{fill:#fff}.unread{fill:url(#unread)}.partly{fill:url(#partly)}.hatch{stroke:#424e55;stroke-opacity:.4}.grid{stroke:#cdd6de}.bar{fill:#e9eef2;stroke:#3d4d5a}.at_least{fill:none;stroke:#3d4d5a;stroke-dasharray:3 2}.bad{fill:#86101f;stroke:#86101f}.spread{stroke:#3d4d5a}.middle{fill:#0e1b26}path{fill:none;shape-rendering:crispEdges}.middle{shape-rendering:auto}@media(prefers-color-scheme:dark){text{fill:#b3bfca}.title{fill:#e7edf3}.ground{fill:#0b1016}.hatch{stroke:#9097a0}.grid{stroke:#26323e}.bar{fill:#1a232d;stroke:#b3bfca}.at_least{stroke:#b3bfca}.bad{fill:#f06464;stroke:#f06464}.spread{stroke:#b3bfca}.middle{fill:#e7edf3}}</style>
            <defs><pattern id="unread" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0v6"/></pattern><pattern id="partly" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0v12"/></pattern></defs>
            <rect class="ground" width="240" height="160"/>
            <text class="title" x="12" y="22">Alerts per hour</text>
            <g transform="translate(0 32)">
            <path class="unread" d="M139 8h88v71h-88z"/>
            <path class="grid" d="M52 79L227 79M52 56L227 56M52 32L227 32M52 8L227 8"/>
            <path class="bar" d="M62 8h67v71h-67z"/>
            <path class="bad" d="M62 56h67v23h-67z"/>
            <text x="46" y="83" text-anchor="end">0</text>
            <text x="46" y="60" text-anchor="end">1</text>
            <text x="46" y="36" text-anchor="end">2</text>
            <text x="46" y="12" text-anchor="end">3</text>
            <text x="52" y="95" text-anchor="middle">00:00</text>
            <text x="139" y="95" text-anchor="middle">01:00</text>
            </g>
            <path class="unread" d="M12 141h12v10h-12z"/>
            <text x="30" y="150">Alerts per hour</text>
            </svg>
        "#]].assert_eq(&file("Alerts per hour"));
    }

    #[test]
    fn text_of_strangers_stays_text() {
        let payloads = [
            "<script>alert(1)</script>",
            "\"/><image href=\"https://evil.example/x\" onload='alert(1)'/>",
            "]]></title><foreignObject><iframe src=javascript:alert(1)>",
            "&lt;script&gt; &#x3c;b&#x3e; &unknown;",
            "</style><style>*{background:url(//evil.example)}",
            "<!--<?xml-stylesheet href='x'?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>",
            "\u{0}\u{1b}[31m\u{ffff}",
        ];
        let plain = file("plain");
        let known = tags(&plain);
        for payload in payloads {
            let file = file(payload);
            assert_eq!(tags(&file), known, "{payload:?} adds no element and no attribute");
            assert!(!file.contains(['\u{0}', '\u{1b}', '\u{ffff}']), "{payload:?}");
        }
    }

    /// Everything between `<` and `>`, without the text between them.
    fn tags(file: &str) -> Vec<&str> {
        file.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)).collect()
    }
}
