//! The word somebody meant: suggestions for what nobody knows.

use std::cmp::Reverse;

/// So many slips of the pen are forgiven, but never more than half the letters.
const SLIPS: usize = 2;
/// What begins alike for so many letters may have been meant.
const ALIKE: usize = 4;
/// Words of so many letters tell what a name is about; shorter ones are units and fillers (`secs`, `days`).
const TELLING: usize = 5;

/// How near a word is, nearest first; among equally near ones the fewer slips, or the longer part in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Slips(usize),
    /// One begins with the other.
    Begins(Reverse<usize>),
    /// They begin alike.
    Alike(Reverse<usize>),
    /// A word of theirs is the same.
    Shares(Reverse<usize>),
}

/// The known word that was meant: a slip or two away, or one that begins alike, or that has a telling word in common
/// (`intervall` or `poll_interval` for `interval_secs`). `None`: nothing is near.
pub fn nearest<'a>(want: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let want = want.to_lowercase();
    let near = known.into_iter().filter_map(|word| Some((nearness(&want, &word.to_lowercase())?, word)));
    near.min().map(|(_, word)| word)
}

/// A part of a sentence: the word that was meant, else all that are known, after `lead`.
pub fn meant_or(want: &str, known: &[&str], lead: &str) -> String {
    match nearest(want, known.iter().copied()) {
        Some(word) => format!("did you mean '{word}'?"),
        None => format!("{lead}: {}", if known.is_empty() { "nothing".to_owned() } else { known.join(", ") }),
    }
}

fn nearness(want: &str, word: &str) -> Option<Nearness> {
    let slips = edit_distance(want, word);
    if slips <= SLIPS.min(want.chars().count() / 2) {
        return Some(Nearness::Slips(slips));
    }
    let alike = want.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    let (shorter, longer) = match (want.chars().count(), word.chars().count()) {
        (want, word) if want <= word => (want, word),
        (want, word) => (word, want),
    };
    if alike == shorter && alike > 0 && (word.starts_with(want) || alike >= 3) {
        return Some(Nearness::Begins(Reverse(alike)));
    }
    let first_word = words(want).next() == words(word).next();
    if first_word || alike >= ALIKE && alike * 2 > longer {
        return Some(Nearness::Alike(Reverse(alike)));
    }
    let shared = words(want).filter(|ours| words(word).any(|theirs| telling(ours, theirs)));
    shared.map(str::len).max().map(|length| Nearness::Shares(Reverse(length)))
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.', ' ']).filter(|word| !word.is_empty())
}

fn telling(ours: &str, theirs: &str) -> bool {
    ours.chars().count() >= TELLING && edit_distance(ours, theirs) <= 1
}

/// Levenshtein distance.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_alike_or_shares_its_stem_is_meant() {
        let keys = ["id", "backend", "url", "credential", "interval_secs", "ca_file", "settings"];
        for (want, expected) in [
            ("intervall_secs", Some("interval_secs")),
            ("intervall", Some("interval_secs")),
            ("interval", Some("interval_secs")),
            ("interval_minutes", Some("interval_secs")),
            ("poll_interval", Some("interval_secs")),
            ("poll-intervall", Some("interval_secs")),
            ("cred", Some("credential")),
            ("credentials_from", Some("credential")),
            ("ca_cert", Some("ca_file")),
            ("ur", Some("url")),
            ("Backend", Some("backend")),
            ("timeout_secs", None),
            ("token", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(want, keys), expected, "{want}");
        }
    }

    #[test]
    fn the_nearest_of_several_is_taken() {
        let check = |want, known: &[&'static str], expected| {
            assert_eq!(nearest(want, known.iter().copied()), expected, "{want}");
        };
        check("deploy", &["deployments", "deplos"], Some("deplos"));
        check("backfill", &["budget_percent", "backfill_days", "backfill_entities"], Some("backfill_days"));
        check("backfill_dayz", &["backfill_entities", "backfill_days"], Some("backfill_days"));
        check("days", &["backfill_days", "retention_days"], None);
        assert_eq!(meant_or("quux", &["a", "b"], "there are"), "there are: a, b");
        assert_eq!(meant_or("quux", &[], "it takes"), "it takes: nothing");
        assert_eq!(meant_or("labl", &["name", "labels"], "there are"), "did you mean 'labels'?");
    }
}
