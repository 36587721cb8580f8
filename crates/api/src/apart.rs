//! What tells alerts of one name from each other where only their names are shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::view::{Row, RowMore};

/// Labels that say where something is: of several that differ they tell most to whoever reads them.
const PLACES: [&str; 6] = ["instance", "pod", "node", "host", "device", "target"];
/// More than this is no mark beside a name, but a list of labels.
const MOST: usize = 2;

/// The labels of an alert.
type Labels = BTreeMap<String, String>;

/// Writes into each alert what tells it from the others of its name and service among these rows.
pub(crate) fn tell_apart<'r>(rows: impl Iterator<Item = &'r mut Row>) {
    let mut alike: BTreeMap<(String, Option<String>), Vec<&mut Row>> = BTreeMap::new();
    for row in rows {
        if matches!(row.more, RowMore::Alert { .. }) {
            alike.entry((row.title.clone(), row.service.clone())).or_default().push(row);
        }
    }
    for rows in alike.into_values().filter(|rows| rows.len() > 1) {
        let labels: Vec<Labels> = rows.iter().map(|row| labels(row).clone()).collect();
        let keys = telling(&labels);
        for (row, labels) in rows.into_iter().zip(&labels) {
            let said: Vec<String> =
                keys.iter().filter_map(|key| Some(format!("{key}={}", labels.get(*key)?))).collect();
            if let RowMore::Alert { apart, .. } = &mut row.more
                && !said.is_empty()
            {
                *apart = Some(said.join(" "));
            }
        }
    }
}

fn labels(row: &Row) -> &Labels {
    const NONE: &Labels = &Labels::new();
    match &row.more {
        RowMore::Alert { labels, .. } => labels,
        _ => NONE,
    }
}

/// The label that tells most of them apart, and a second one when it leaves some alike that the two together do not.
fn telling(alerts: &[Labels]) -> Vec<&str> {
    let all: BTreeSet<&str> = alerts.iter().flat_map(BTreeMap::keys).map(String::as_str).collect();
    let told = |keys: &[&str]| {
        let values = |labels: &Labels| keys.iter().map(|key| labels.get(*key).cloned()).collect::<Vec<_>>();
        alerts.iter().map(values).collect::<BTreeSet<_>>().len()
    };
    let mut keys: Vec<&str> = Vec::new();
    while keys.len() < MOST {
        let place = |key: &str| PLACES.iter().position(|place| *place == key).unwrap_or(PLACES.len());
        let best = all
            .iter()
            .map(|key| (told(&[keys.as_slice(), &[*key]].concat()), std::cmp::Reverse(place(key)), *key))
            .max();
        match best {
            Some((apart, _, key)) if apart > told(&keys).max(1) => keys.push(key),
            _ => break,
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(alerts: &[&[(&str, &str)]], expected: &[&str]) {
        let owned = |labels: &&[(&str, &str)]| {
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let alerts: Vec<Labels> = alerts.iter().map(owned).collect();
        assert_eq!(telling(&alerts), expected, "{alerts:?}");
    }

    #[test]
    fn the_fewest_labels_that_differ_tell_alerts_apart() {
        check(&[&[("job", "a")], &[("job", "a")]], &[]);
        check(&[&[("job", "a"), ("zone", "x")], &[("job", "a"), ("zone", "y")]], &["zone"]);
        check(&[&[("job", "a")], &[]], &["job"]);
        check(
            &[
                &[("zone", "x"), ("disk", "1")],
                &[("zone", "x"), ("disk", "2")],
                &[("zone", "y"), ("disk", "1")],
            ],
            &["zone", "disk"],
        );
    }

    #[test]
    fn where_it_is_tells_more_than_another_label() {
        check(
            &[
                &[("aaa", "1"), ("instance", "web-1"), ("zzz", "1")],
                &[("aaa", "2"), ("instance", "web-2"), ("zzz", "2")],
            ],
            &["instance"],
        );
    }
}
