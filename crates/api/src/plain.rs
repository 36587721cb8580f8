//! Untrusted text, made safe to look at.

/// Longest text that leaves in one piece.
const LONGEST: usize = 64 * 1024;

/// Makes characters that hide, reorder or control text visible as `⟨U+202E⟩`, and cuts what is very long. Tabs and line
/// breaks stay.
pub fn plain(text: &str) -> String {
    let clean = |c: char| !hides(c);
    if text.len() <= LONGEST && text.chars().all(clean) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(LONGEST) + 16);
    for c in text.chars() {
        if out.len() >= LONGEST {
            out.push_str("…(truncated)");
            break;
        }
        if hides(c) {
            out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn hides(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Soft hyphen, Arabic letter mark, zero-width and direction marks, line and paragraph separators, embeddings,
        // isolates, invisible operators, interlinear marks, byte order mark, tags.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => c != '\u{200d}' && c != '\u{200c}',
        c => c.is_control(),
    }
}

/// One line: line breaks become spaces.
pub(crate) fn line(text: &str) -> String {
    let text = plain(text);
    if text.contains(['\n', '\t']) { text.replace(['\n', '\t'], " ") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text), expected);
    }

    #[test]
    fn what_hides_becomes_visible_and_languages_stay_whole() {
        check("invoice\u{202e}fdp.exe", "invoice⟨U+202E⟩fdp.exe");
        check("a\u{0}b\u{1b}[31m", "a⟨U+0000⟩b⟨U+001B⟩[31m");
        check("zero\u{200b}width", "zero⟨U+200B⟩width");
        check("line\nnext\ttab", "line\nnext\ttab");
        check("می‌خواهم 👩‍🚀 日本語", "می‌خواهم 👩‍🚀 日本語");
    }

    #[test]
    fn a_megabyte_is_cut_and_says_so() {
        let cut = plain(&"x".repeat(1 << 20));
        assert!(cut.len() < LONGEST + 32 && cut.ends_with("…(truncated)"));
    }
}
