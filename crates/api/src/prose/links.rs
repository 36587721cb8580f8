//! Addresses in running text, and what of an address a person should see.

use url::Url;

/// Longer addresses fail the check and are not looked for.
const LONGEST: usize = 2048;

/// Splits words at the addresses in them: each piece, and whether it is an address.
pub fn split(words: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let (mut told, mut from) = (0, 0);
    while let Some(at) = words[from..].find("http").map(|at| at + from) {
        let rest = &words[at..];
        let starts = rest.starts_with("https://") || rest.starts_with("http://");
        let alone = !words[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let length = match length(rest) {
            Some(length) if starts && alone && length > 0 => length,
            Some(_) => {
                from = at + 4;
                continue;
            }
            // One endless word: nothing in it is looked at twice.
            None => {
                from = at
                    + rest.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST).unwrap_or(rest.len());
                continue;
            }
        };
        if at > told {
            pieces.push((&words[told..at], false));
        }
        pieces.push((&words[at..at + length], true));
        told = at + length;
        from = told;
    }
    if told < words.len() {
        pieces.push((&words[told..], false));
    }
    pieces
}

/// Length of the address that a text begins with: up to a space or what cannot stand in one, without the punctuation of
/// the sentence around it. 0: it begins with none. `None`: it goes on for longer than an address may.
fn length(text: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '`');
    let within = text.char_indices().take_while(|(at, _)| *at <= LONGEST);
    let mut end = within
        .clone()
        .find(|(_, c)| ends(*c))
        .map_or_else(|| within.last().map_or(0, |(at, c)| at + c.len_utf8()), |(at, _)| at);
    if end > LONGEST {
        return None;
    }
    while let Some(last) = text[..end].chars().next_back() {
        let unpaired = |open: char| text[..end].matches(last).count() > text[..end].matches(open).count();
        let outside = match last {
            ')' => unpaired('('),
            ']' => unpaired('['),
            c => matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_'),
        };
        if !outside {
            break;
        }
        end -= last.len_utf8();
    }
    let is_address = Url::parse(&text[..end]).is_ok_and(|url| url.has_host());
    Some(if is_address { end } else { 0 })
}

/// Scheme, host and port (where it is not the scheme's own), as ASCII. Empty when the text is no web address.
pub fn host(address: &str) -> String {
    Url::parse(address).ok().filter(Url::has_host).map(|url| origin(&url)).unwrap_or_default()
}

/// Scheme, host and port (where it is not the scheme's own).
pub fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}
