//! Which alert holds another one back. Pure.
//!
//! Where several alerts inhibit one, Alertmanager names whichever it meets first, and that is another one with every answer.
//! A storm would be written down anew with every poll, although nothing about it changed.

use std::collections::{HashMap, HashSet};

use crate::wire;

/// Who was named, by the fingerprint of the alert that is inhibited.
pub type Inhibitors = HashMap<String, Vec<String>>;

/// Lets every inhibited alert keep who was named `before`, as long as they are listed themselves: they have the same labels as
/// then, so they inhibit it as well as whoever is named now. Returns who is named from now on.
pub fn keep(before: &Inhibitors, alerts: &mut [wire::Alert]) -> Inhibitors {
    let listed: HashSet<String> = alerts.iter().map(|alert| alert.fingerprint.clone()).collect();
    let inhibited = alerts.iter_mut().filter(|alert| !alert.status.inhibited_by.is_empty());
    inhibited
        .map(|alert| {
            let holds = |them: &&Vec<String>| them.iter().all(|one| listed.contains(one));
            if let Some(them) = before.get(&alert.fingerprint).filter(holds) {
                alert.status.inhibited_by.clone_from(them);
            }
            (alert.fingerprint.clone(), alert.status.inhibited_by.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &[&str], named: &[&str], listed: &[&str], expected: &[&str]) {
        let mut alerts: Vec<wire::Alert> = listed
            .iter()
            .chain(&["held"])
            .map(|print| {
                let by = if *print == "held" { named } else { &[] };
                let alert = serde_json::json!({ "fingerprint": print, "status": { "inhibitedBy": by } });
                serde_json::from_value(alert).unwrap()
            })
            .collect();
        let texts = |them: &[&str]| them.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let before: Inhibitors = Some(("held".to_owned(), texts(before)))
            .filter(|(_, them)| !them.is_empty())
            .into_iter()
            .collect();
        let after = keep(&before, &mut alerts);
        assert_eq!(alerts.last().unwrap().status.inhibited_by, expected);
        assert_eq!(
            after.get("held").map_or(&[][..], Vec::as_slice),
            expected,
            "the next answer is compared with it"
        );
    }

    #[test]
    fn who_inhibits_stays_named_while_it_is_listed() {
        check(&["a"], &["b"], &["a", "b"], &["a"]);
        check(&["a"], &["b"], &["b"], &["b"]);
        check(&["a", "b"], &["b"], &["b"], &["b"]);
        check(&["a"], &[], &["a"], &[]);
        check(&[], &["b"], &["b"], &["b"]);
    }
}
