//! Textile as people use it in Redmine's tickets. What is not known here stands as it was typed.
//!
//! Source: <https://www.redmine.org/projects/redmine/wiki/RedmineTextFormattingTextile>. One pass over lines, one over the
//! words of each; stressed parts hold plain words only, so nothing nests.

use super::build::{Builder, Open};

/// Reads Textile.
pub fn read(text: &str, builder: &mut Builder<'_, '_>) {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        if let Some(rest) = line.trim_start().strip_prefix("<pre>") {
            pre(rest, &mut lines, builder);
        } else if let Some((level, title)) = heading(line) {
            builder.open(Open::Heading(level));
            words(title, builder);
            builder.close();
        } else if item(line).is_some() {
            let mut items = vec![line];
            while let Some(next) = lines.next_if(|line| item(line).is_some()) {
                items.push(next);
            }
            list(&items, builder);
        } else if line.trim() == "---" {
            builder.rule();
        } else if is_row(line) {
            let mut rows = vec![line];
            while let Some(next) = lines.next_if(|line| is_row(line)) {
                rows.push(next);
            }
            table(&rows, builder);
        } else {
            let quoted = line.strip_prefix("bq. ").or_else(|| line.strip_prefix("> "));
            builder.open(if quoted.is_some() { Open::Quote } else { Open::Paragraph });
            words(quoted.unwrap_or(line), builder);
            let ends = |line: &&str| {
                let trimmed = line.trim_start();
                trimmed.is_empty()
                    || trimmed.starts_with("<pre>")
                    || heading(line).is_some()
                    || item(line).is_some()
                    || is_row(line)
            };
            while let Some(next) = lines.next_if(|line| !ends(line)) {
                builder.line_break();
                let next = if quoted.is_some() { next.strip_prefix("> ").unwrap_or(next) } else { next };
                words(next, builder);
            }
            builder.close();
        }
    }
}

/// Lines up to `</pre>`, or to the end. A `<code>` around them is dropped.
fn pre<'t>(first: &'t str, lines: &mut impl Iterator<Item = &'t str>, builder: &mut Builder<'_, '_>) {
    let mut code: Vec<&str> = Vec::new();
    let mut line = Some(first);
    while let Some(text) = line {
        if let Some((before, _)) = text.split_once("</pre>") {
            code.push(before);
            break;
        }
        code.push(text);
        line = lines.next();
    }
    let text = code.join("\n");
    let text = text.trim_matches('\n');
    let open_tag = text.starts_with("<code").then(|| text.find('>')).flatten();
    let text = open_tag.map_or(text, |end| &text[end + 1..]);
    builder.code_block(text.strip_suffix("</code>").unwrap_or(text).trim_matches('\n'));
}

/// `h2. Title`.
fn heading(line: &str) -> Option<(u8, &str)> {
    let rest = line.strip_prefix('h')?;
    let level = rest.bytes().next().filter(|digit| (b'1'..=b'6').contains(digit))? - b'0';
    Some((level, rest[1..].strip_prefix(". ")?))
}

/// `* point`, `## numbered`: how deep, whether numbered, and its words.
fn item(line: &str) -> Option<(usize, bool, &str)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '*' | '#' | '-'))?;
    let deep = line.chars().take_while(|c| *c == mark).count();
    let rest = line[deep..].strip_prefix(' ').filter(|rest| !rest.trim().is_empty())?;
    (mark != '-' || deep == 1).then_some((deep, mark == '#', rest))
}

/// A list; deeper items stand in lists of their own within the item before them.
fn list(lines: &[&str], builder: &mut Builder<'_, '_>) {
    let mut open = 0;
    for (deep, numbered, text) in lines.iter().filter_map(|line| item(line)) {
        while open > deep {
            builder.close();
            builder.close();
            open -= 1;
        }
        if open == deep {
            builder.close();
        }
        // An item cannot be more than one deeper than the one before it.
        if open < deep {
            builder.open(Open::List(numbered.then_some(1)));
            open += 1;
        }
        builder.open(Open::Item);
        words(text, builder);
    }
    for _ in 0..open {
        builder.close();
        builder.close();
    }
}

fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2 && line.starts_with('|') && line.ends_with('|')
}

fn table(rows: &[&str], builder: &mut Builder<'_, '_>) {
    builder.open(Open::Table);
    for row in rows {
        let cells = row.trim().trim_start_matches('|').trim_end_matches('|').split('|');
        let head = row.trim().starts_with("|_.");
        builder.open(Open::Row(head));
        for cell in cells {
            builder.open(Open::Cell);
            words(cell.strip_prefix("_.").unwrap_or(cell).trim(), builder);
            builder.close();
        }
        builder.close();
    }
    builder.close();
}

/// The words of one line.
fn words(line: &str, builder: &mut Builder<'_, '_>) {
    let mut rest = line;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let used = if before.is_some_and(char::is_alphanumeric) { 0 } else { mark(c, rest, builder) };
        if used == 0 {
            builder.text(&rest[..c.len_utf8()]);
            before = Some(c);
            rest = &rest[c.len_utf8()..];
        } else {
            before = rest[..used].chars().next_back().filter(|c| !c.is_alphanumeric());
            rest = &rest[used..];
        }
    }
}

/// Reads a marked part that begins here. Returns its length; 0: nothing does.
fn mark(c: char, rest: &str, builder: &mut Builder<'_, '_>) -> usize {
    let part = match c {
        '*' => Open::Strong,
        '_' => Open::Emphasis,
        '-' => Open::Strike,
        '@' => {
            let Some(inner) = enclosed(rest, '@') else { return 0 };
            builder.code(inner);
            return inner.len() + 2;
        }
        '!' => {
            let Some(inner) = enclosed(rest, '!').filter(|inner| is_address(inner)) else { return 0 };
            builder.image(inner, inner.rsplit('/').next().unwrap_or_default());
            return inner.len() + 2;
        }
        '"' => return link(rest, builder),
        _ => return 0,
    };
    let Some(inner) = enclosed(rest, c) else { return 0 };
    builder.open(part);
    builder.text(inner);
    builder.close();
    inner.len() + 2
}

/// What stands between two marks: it touches both, and no word goes on behind the second.
fn enclosed(rest: &str, mark: char) -> Option<&str> {
    let inner = &rest[1..];
    let end = inner.find(mark)?;
    let (inside, behind) = (&inner[..end], &inner[end + 1..]);
    let touches = !inside.is_empty() && !inside.starts_with(' ') && !inside.ends_with(' ');
    (touches && !behind.chars().next().is_some_and(char::is_alphanumeric)).then_some(inside)
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// `"words":https://…`.
fn link(rest: &str, builder: &mut Builder<'_, '_>) -> usize {
    let Some(end) = rest[1..].find('"') else { return 0 };
    let (label, behind) = (&rest[1..=end], &rest[end + 2..]);
    let Some(address) = behind.strip_prefix(':').filter(|_| !label.trim().is_empty()) else { return 0 };
    let address = address.split_whitespace().next().unwrap_or_default();
    let Some((address, true)) = super::links::split(address).first().copied() else { return 0 };
    builder.open(Open::Link(address.to_owned()));
    builder.text(label);
    builder.close();
    end + 3 + address.len()
}
