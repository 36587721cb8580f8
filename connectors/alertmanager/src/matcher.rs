//! Label matchers: their text form, and Alertmanager's rules for what they match.
//!
//! Source: <https://prometheus.io/docs/alerting/latest/configuration/#label-matchers>. A missing label is the empty
//! string; expressions are anchored at both ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qd_model::Matcher;
use regex::Regex;

/// Matchers ready to be asked.
#[derive(Debug)]
pub struct Compiled(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    name: String,
    test: Test,
    is_equal: bool,
}

#[derive(Debug)]
enum Test {
    Literal(String),
    Expression(Regex),
}

impl Condition {
    fn accepts(&self, value: &str) -> bool {
        let hit = match &self.test {
            Test::Literal(literal) => literal == value,
            Test::Expression(expression) => expression.is_match(value),
        };
        hit == self.is_equal
    }
}

impl Compiled {
    /// Prepares matchers as Alertmanager would take them for a silence.
    ///
    /// # Errors
    /// Says in a sentence what Alertmanager would not take: no matcher, an expression that cannot be read, or matchers
    /// that all match the empty string (such a silence could hold every alert).
    pub fn new(matchers: &[Matcher]) -> Result<Self, String> {
        if matchers.is_empty() {
            return Err("a silence needs at least one matcher".to_owned());
        }
        let conditions = matchers.iter().map(condition).collect::<Result<Vec<_>, _>>()?;
        if conditions.iter().all(|condition| condition.accepts("")) {
            return Err("at least one matcher must not match the empty string".to_owned());
        }
        Ok(Self(conditions))
    }

    /// Whether every matcher accepts these labels.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0
            .iter()
            .all(|condition| condition.accepts(labels.get(&condition.name).map_or("", String::as_str)))
    }
}

fn condition(matcher: &Matcher) -> Result<Condition, String> {
    let test = if matcher.is_regex {
        let expression = Regex::new(&format!("^(?:{})$", matcher.value));
        Test::Expression(expression.map_err(|_| format!("'{}' is not a regular expression", matcher.value))?)
    } else {
        Test::Literal(matcher.value.clone())
    };
    Ok(Condition { name: matcher.name.clone(), test, is_equal: matcher.is_equal })
}

/// Reads matchers, one a line: `name="value"`, `name!="value"`, `name=~"regex"`, `name!~"regex"`. Quotes may be left out.
///
/// # Errors
/// Says which line is wrong.
pub fn parse(text: &str) -> Result<Vec<Matcher>, String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(parse_line).collect()
}

fn parse_line(line: &str) -> Result<Matcher, String> {
    let wrong = || format!("'{line}' is not a matcher; write name=\"value\", !=, =~ or !~");
    let (name, rest) = split_name(line).ok_or_else(wrong)?;
    // Two-character operators first: `=` is a prefix of `=~`.
    let operators = [("=~", true, true), ("!~", true, false), ("!=", false, false), ("=", false, true)];
    let (operator, is_regex, is_equal) =
        operators.into_iter().find(|(operator, ..)| rest.starts_with(operator)).ok_or_else(wrong)?;
    let value = unquote(rest[operator.len()..].trim()).ok_or_else(wrong)?;
    Ok(Matcher { name, value, is_regex, is_equal })
}

/// The label name, quoted or plain, and what follows it.
fn split_name(line: &str) -> Option<(String, &str)> {
    if line.starts_with('"') {
        let end = closing_quote(line)?;
        let name = unquote(&line[..=end])?;
        return (!name.is_empty()).then(|| (name, line[end + 1..].trim_start()));
    }
    let end = line.find(['=', '!'])?;
    let name = line[..end].trim();
    let plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '"' || c == '~');
    plain.then(|| (name.to_owned(), &line[end..]))
}

/// Position of the quote that closes the one at the start.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, c)| match c {
        _ if escaped => {
            escaped = false;
            None
        }
        '\\' => {
            escaped = true;
            None
        }
        '"' => Some(at),
        _ => None,
    })
}

/// The value without its quotes. `None`: a quote is missing or something follows it.
fn unquote(text: &str) -> Option<String> {
    if !text.starts_with('"') {
        return (!text.contains('"')).then(|| text.to_owned());
    }
    let end = closing_quote(text)?;
    if end + 1 != text.len() {
        return None;
    }
    let mut out = String::with_capacity(end);
    let mut chars = text[1..end].chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                escaped @ ('"' | '\\') => out.push(escaped),
                // Alertmanager keeps an escape it does not know, which spares people `\\d` in expressions.
                other => out.extend(['\\', other]),
            },
            c => out.push(c),
        }
    }
    Some(out)
}

/// Writes a matcher in the form [`parse`] reads and Alertmanager's own filters use.
pub fn write(matcher: &Matcher) -> String {
    let operator = match (matcher.is_regex, matcher.is_equal) {
        (false, true) => "=",
        (false, false) => "!=",
        (true, true) => "=~",
        (true, false) => "!~",
    };
    let mut out = name(&matcher.name);
    out.push_str(operator);
    quote(&mut out, &matcher.value);
    out
}

/// Matchers that hold exactly these labels, one a line, `alertname` first.
pub fn of_labels(labels: &BTreeMap<String, String>) -> String {
    let line = |(name, value): (&String, &String)| {
        write(&Matcher { name: name.clone(), value: value.clone(), is_regex: false, is_equal: true })
    };
    let (first, rest): (Vec<_>, Vec<_>) = labels.iter().partition(|(name, _)| *name == "alertname");
    first.into_iter().chain(rest).map(line).collect::<Vec<_>>().join("\n")
}

fn name(name: &str) -> String {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    let classic = name.starts_with(starts) && name.chars().all(|c| starts(c) || c.is_ascii_digit());
    if classic {
        return name.to_owned();
    }
    let mut out = String::new();
    quote(&mut out, name);
    out
}

fn quote(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                let _ = write!(out, "\\{c}");
            }
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check(matchers: &str, pairs: &[(&str, &str)], expected: Result<bool, &str>) {
        let outcome = parse(matchers).and_then(|matchers| Compiled::new(&matchers));
        let outcome = outcome.map(|compiled| compiled.matches(&labels(pairs)));
        assert_eq!(outcome, expected.map_err(str::to_owned), "{matchers}");
    }

    #[test]
    fn matchers_hit_what_alertmanager_would_silence() {
        let db = [("alertname", "DiskFull"), ("instance", "db-1")];
        check("alertname=\"DiskFull\"", &db, Ok(true));
        check("alertname=DiskFull", &db, Ok(true));
        check("alertname=\"diskfull\"", &db, Ok(false));
        check("alertname=\"DiskFull\"\ninstance=\"db-2\"", &db, Ok(false));
        check("alertname=\"DiskFull\"\ninstance!=\"db-2\"", &db, Ok(true));
        check("instance=~\"db-[0-9]+\"", &db, Ok(true));
        check("instance!~\"db-[0-9]+\"\nalertname=\"DiskFull\"", &db, Ok(false));
    }

    #[test]
    fn expressions_are_anchored_at_both_ends_also_around_alternatives() {
        let one = [("instance", "db-1")];
        check("instance=~\"db\"", &one, Ok(false));
        check("instance=~\"b-1\"", &one, Ok(false));
        check("instance=~\"db|web\"", &one, Ok(false));
        check("instance=~\"db.*|web\"", &one, Ok(true));
        check("instance=~\"d.-\\\\d\"", &one, Ok(true));
        check("instance=~\"d.-\\d\"", &one, Ok(true));
    }

    #[test]
    fn a_missing_label_is_the_empty_string() {
        let one = [("alertname", "Up")];
        check("alertname=\"Up\"\nteam=\"\"", &one, Ok(true));
        check("alertname=\"Up\"\nteam=~\".*\"", &one, Ok(true));
        check("alertname=\"Up\"\nteam=~\".+\"", &one, Ok(false));
        check("alertname=\"Up\"\nteam!=\"sre\"", &one, Ok(true));
        check("alertname=\"Up\"\nteam!~\"sre\"", &one, Ok(true));
    }

    #[test]
    fn what_alertmanager_would_not_take_hits_nothing_and_says_why() {
        check("", &[], Err("a silence needs at least one matcher"));
        check("team=\"\"", &[], Err("at least one matcher must not match the empty string"));
        check("team=~\".*\"", &[], Err("at least one matcher must not match the empty string"));
        check("team!=\"sre\"", &[], Err("at least one matcher must not match the empty string"));
        check("team=~\"(\"", &[], Err("'(' is not a regular expression"));
        let not = |line: &str| format!("'{line}' is not a matcher; write name=\"value\", !=, =~ or !~");
        for line in ["team", "=x", "team=\"x", "team=\"x\" y", "team=x\"", "te am=x", "\"\"=x"] {
            check(line, &[], Err(&not(line)));
        }
    }

    #[test]
    fn matchers_of_labels_read_back_and_match_them() {
        let odd = labels(&[
            ("alertname", "Sa\"ys \\ hi"),
            ("a", "line\nbreak"),
            ("service.name", "shöp"),
            ("zone", "=~!="),
            ("empty", ""),
        ]);
        let text = of_labels(&odd);
        assert!(text.starts_with("alertname="), "the name of the alert comes first: {text}");
        let matchers = parse(&text).expect("what is written can be read");
        assert_eq!(matchers.len(), odd.len(), "one matcher a label");
        assert!(Compiled::new(&matchers).is_ok_and(|compiled| compiled.matches(&odd)), "{text}");
    }
}
