//! What deployments tell when they are put in a row: the order of environments, drift between them, rollbacks.

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{Deployment, DeploymentKind, DeploymentStatus, LinkKind, PipelineRun, Tier};

use crate::ServiceState;

/// Puts environments in the order in which a version travels: as configured, then by tier from development to
/// production, then by name. What has no known tier comes first: nothing says that it is near production.
pub fn order_environments(names: &mut [String], configured: &[String]) {
    names.sort_by(|a, b| (stage(a), a.as_str()).cmp(&(stage(b), b.as_str())));
    // The configured ones share the places they hold, in their own order.
    let mut wanted =
        configured.iter().filter(|name| names.contains(name)).cloned().collect::<Vec<_>>().into_iter();
    for name in names.iter_mut().filter(|name| configured.contains(name)) {
        if let Some(next) = wanted.next() {
            *name = next;
        }
    }
}

/// Whether two names are those of one environment: they differ in small and capital letters at the most.
pub fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The one spelling of an environment's names: as it is configured, else in small letters if anybody writes it so. Who wrote it
/// first is not asked: that would change with what is kept.
pub fn spelled<'n>(names: impl Iterator<Item = &'n str>, configured: &'n [String]) -> Option<&'n str> {
    let last = names.max()?;
    Some(configured.iter().find(|name| is_same(name, last)).map_or(last, String::as_str))
}

/// Gives environments of all services that are one the one spelling they have.
pub fn spell(services: &mut [ServiceState<'_>], configured: &[String]) {
    let names: Vec<String> =
        services.iter().flat_map(|service| &service.environments).map(|it| it.name.clone()).collect();
    for environment in services.iter_mut().flat_map(|service| &mut service.environments) {
        let same = names.iter().map(String::as_str).filter(|name| is_same(name, &environment.name));
        if let Some(name) = spelled(same, configured) {
            environment.name = name.to_owned();
        }
    }
}

/// How near production an environment is.
fn stage(name: &str) -> u8 {
    match Tier::infer(name) {
        Tier::Other => 0,
        Tier::Development => 1,
        Tier::Test => 2,
        Tier::Staging => 3,
        Tier::Production => 4,
    }
}

/// The environment a version comes from on its way to `names[at]`, of environments in their order: the nearest before it
/// that is of another tier. Two regions of production come from the same place, not one from the other.
pub fn comes_from(names: &[String], at: usize) -> Option<usize> {
    let tier = stage(names.get(at)?);
    names.get(..at)?.iter().rposition(|name| stage(name) != tier)
}

/// Compares two versions by their numbers, as people write them: `v412` and `v413`, `1.9` and `1.10`. `None`: they are
/// not of one kind (a revision, a tag of another shape), so which is newer cannot be told from their names.
pub fn compare_versions(a: &str, b: &str) -> Option<Ordering> {
    let (head_a, numbers_a) = numbers(a)?;
    let (head_b, numbers_b) = numbers(b)?;
    (head_a == head_b).then(|| numbers_a.cmp(&numbers_b))
}

/// What stands before the numbers, and the numbers. `None`: it is no version of numbers alone.
fn numbers(version: &str) -> Option<(&str, Vec<u64>)> {
    let at = version.find(|c: char| c.is_ascii_digit())?;
    let (head, rest) = version.split_at(at);
    let looks_like_a_revision = head.is_empty() && !rest.contains('.') && rest.len() >= 7;
    if looks_like_a_revision {
        return None;
    }
    let numbers: Option<Vec<u64>> = rest.split('.').map(|part| part.parse().ok()).collect();
    numbers.map(|numbers| (head, numbers))
}

/// How one environment stands behind the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drift {
    /// How many versions that succeeded before it are missing here. `None`: the version that is live here was never seen
    /// there, so they cannot be counted.
    pub versions: Option<u32>,
    /// Since when the oldest missing version (or, when they cannot be counted, the live one) is live there. `None`: the
    /// backend told no time.
    pub since: Option<DateTime<Utc>>,
}

/// How far `here` is behind the environment before it, whose succeeded deployments `before` are newest first. `None`:
/// both run the same version, or nothing is live there.
pub fn drift(here: &Deployment, before: &[&Deployment]) -> Option<Drift> {
    let live: Vec<&Deployment> = before.iter().copied().filter(|d| went_live(d)).collect();
    let newest = live.first()?;
    if same(newest, here) {
        return None;
    }
    // What is live here may be ahead of where it came from: a fix that was rushed through, or a version taken back there.
    let ahead = compare_versions(&here.version, &newest.version) == Some(Ordering::Greater);
    match live.iter().position(|d| same(d, here)).filter(|_| !ahead) {
        Some(place) => {
            let missing = live.get(..place).unwrap_or_default();
            let mut versions: Vec<&str> = missing.iter().map(|d| d.version.as_str()).collect();
            versions.sort_unstable();
            versions.dedup();
            Some(Drift {
                versions: u32::try_from(versions.len()).ok(),
                since: missing.last().and_then(|d| d.since()),
            })
        }
        None => Some(Drift { versions: None, since: newest.since() }),
    }
}

/// Whether two deployments brought the same thing: the same revision where both tell one, else the same version.
pub fn same(a: &Deployment, b: &Deployment) -> bool {
    match (&a.revision, &b.revision) {
        (Some(a), Some(b)) => a == b,
        _ => !a.version.is_empty() && a.version == b.version,
    }
}

/// Whether a run made a deployment: both are the same page (a build that deploys), or the deployment's log lies on the
/// run's page. The same commit alone would not do: many runs build it.
pub fn made_by(deployment: &Deployment, run: &PipelineRun) -> bool {
    let Some(page) =
        run.origin.url.as_deref().filter(|_| deployment.origin.id.source == run.origin.id.source)
    else {
        return false;
    };
    let page = page.trim_end_matches('/');
    let within = |url: &str| {
        url.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    };
    let logs = deployment
        .origin
        .links
        .iter()
        .filter(|link| link.kind == LinkKind::Log)
        .map(|link| link.url.as_str());
    deployment.origin.url.as_deref() == Some(page) || logs.into_iter().any(within)
}

/// What a deployment was in the row of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// It went back to a version that was live before, or to a lower one.
    pub rollback: bool,
    /// The next one that succeeded took it back, so long after it went live. `None`: it was not taken back.
    pub taken_back_after: Option<TimeDelta>,
}

/// Marks rollbacks in the deployments of one service to one environment, newest first; one step for each.
///
/// A deployment that succeeded is a rollback when its backend says so, when its version ran here before the one it
/// replaced, or when both are versions of numbers and its numbers are lower. One that failed is none: nothing went back.
pub fn steps(newest_first: &[&Deployment]) -> Vec<Step> {
    let mut steps = vec![Step::default(); newest_first.len()];
    let live: Vec<usize> = (0..newest_first.len()).filter(|at| went_live(newest_first[*at])).collect();
    for (nth, at) in live.iter().enumerate() {
        let here = newest_first[*at];
        let Some(before) = live.get(nth + 1).copied() else { continue };
        let replaced = newest_first[before];
        let earlier = live.iter().skip(nth + 2).any(|place| same(newest_first[*place], here));
        let lower = compare_versions(&here.version, &replaced.version) == Some(Ordering::Less);
        let said = here.deployment_kind == DeploymentKind::Rolledback;
        if said || (!same(here, replaced) && (earlier || lower)) {
            steps[*at].rollback = true;
            let stood = here.since().zip(replaced.since());
            steps[before].taken_back_after = stood.map(|(end, begin)| (end - begin).max(TimeDelta::zero()));
        }
    }
    steps
}

/// Whether it was live once: it succeeded, or it was live and has been replaced.
fn went_live(deployment: &Deployment) -> bool {
    matches!(deployment.status.state, DeploymentStatus::Succeeded | DeploymentStatus::Superseded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{deployment, now};
    use qd_model::{Fact, Observed};

    fn deployed(version: &str, minutes_ago: i64, status: DeploymentStatus) -> Deployment {
        let Fact::Deployment(mut deployment) = deployment("ci", version, Some("shop"), "prod") else {
            unreachable!("the fixture is a deployment")
        };
        version.clone_into(&mut deployment.version);
        deployment.status = Observed::new(status, "");
        deployment.finished_at = Some(now() - TimeDelta::minutes(minutes_ago));
        deployment
    }

    fn row(versions: &[(&str, DeploymentStatus)]) -> Vec<Deployment> {
        let at = |(place, (version, status)): (usize, &(&str, DeploymentStatus))| {
            deployed(version, 10 * (i64::try_from(place).unwrap() + 1), *status)
        };
        versions.iter().enumerate().map(at).collect()
    }

    #[track_caller]
    fn check_steps(versions: &[(&str, DeploymentStatus)], expected: &str) {
        let row = row(versions);
        let refs: Vec<&Deployment> = row.iter().collect();
        let shown: Vec<String> = steps(&refs)
            .iter()
            .map(|step| match (step.rollback, step.taken_back_after) {
                (true, _) => "back".to_owned(),
                (_, Some(after)) => format!("taken back after {}m", after.num_minutes()),
                _ => "-".to_owned(),
            })
            .collect();
        assert_eq!(shown.join(", "), expected, "{versions:?}");
    }

    #[test]
    fn a_rollback_goes_to_an_earlier_version_than_its_predecessor() {
        use DeploymentStatus::{Failed, Succeeded, Superseded};
        check_steps(&[("v413", Succeeded), ("v412", Superseded)], "-, -");
        check_steps(
            &[("v411", Succeeded), ("v412", Superseded), ("v411", Superseded)],
            "back, taken back after 10m, -",
        );
        check_steps(&[("v410", Succeeded), ("v412", Superseded)], "back, taken back after 10m");
        check_steps(&[("1.10.0", Succeeded), ("1.9.3", Superseded)], "-, -");
        check_steps(&[("9f31c2a", Succeeded), ("8f31c2a", Superseded)], "-, -");
        check_steps(
            &[("9f31c2a", Succeeded), ("8f31c2a", Superseded), ("9f31c2a", Superseded)],
            "back, taken back after 10m, -",
        );
        check_steps(&[("v411", Failed), ("v412", Succeeded)], "-, -");
        check_steps(&[("v412", Succeeded), ("v413", Failed), ("v412", Superseded)], "-, -, -");
        check_steps(&[("v412", Succeeded), ("v412", Superseded), ("v411", Superseded)], "-, -, -");
    }

    #[test]
    fn the_backends_word_for_a_rollback_counts() {
        let mut row = row(&[("b", DeploymentStatus::Succeeded), ("a", DeploymentStatus::Superseded)]);
        row[0].deployment_kind = DeploymentKind::Rolledback;
        assert!(steps(&row.iter().collect::<Vec<_>>())[0].rollback);
    }

    #[track_caller]
    fn check_drift(here: &str, before: &[(&str, DeploymentStatus)], expected: Option<(Option<u32>, i64)>) {
        let row = row(before);
        let refs: Vec<&Deployment> = row.iter().collect();
        let found = drift(&deployed(here, 500, DeploymentStatus::Succeeded), &refs);
        let minutes = |d: Drift| (d.versions, (now() - d.since.unwrap()).num_minutes());
        assert_eq!(found.map(minutes), expected, "{here} {before:?}");
    }

    #[test]
    fn drift_counts_the_versions_that_are_missing_and_says_when_it_cannot() {
        use DeploymentStatus::{Failed, Succeeded, Superseded};
        check_drift("v3", &[("v3", Succeeded)], None);
        check_drift("v3", &[], None);
        check_drift("v1", &[("v3", Succeeded), ("v2", Superseded), ("v1", Superseded)], Some((Some(2), 20)));
        check_drift("v1", &[("v3", Failed), ("v2", Succeeded), ("v1", Superseded)], Some((Some(1), 20)));
        check_drift("v0", &[("v3", Succeeded), ("v2", Superseded)], Some((None, 10)));
        check_drift("v3", &[("v2", Succeeded), ("v3", Superseded), ("v2", Superseded)], Some((None, 10)));
    }

    #[test]
    fn the_same_revision_under_another_name_is_no_drift() {
        let mut here = deployed("1.2", 5, DeploymentStatus::Succeeded);
        let mut there = deployed("build-9", 9, DeploymentStatus::Succeeded);
        here.revision = Some("9f31c2a0".to_owned());
        there.revision = Some("9f31c2a0".to_owned());
        assert_eq!(drift(&here, &[&there]), None);
    }

    #[track_caller]
    fn check_order(names: &[&str], configured: &[&str], expected: &[&str]) {
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut found = owned(names);
        order_environments(&mut found, &owned(configured));
        assert_eq!(found, expected, "{names:?} with {configured:?}");
    }

    #[test]
    fn environments_stand_in_the_order_a_version_travels() {
        check_order(
            &["prod-us", "dev", "prod-eu", "stage", "qa"],
            &[],
            &["dev", "qa", "stage", "prod-eu", "prod-us"],
        );
        check_order(&["moon", "prod"], &[], &["moon", "prod"]);
        check_order(&["prod-eu", "dev", "prod-us"], &["prod-us", "prod-eu"], &["dev", "prod-us", "prod-eu"]);
        check_order(&["mars", "moon", "dev"], &["moon", "dev", "mars"], &["moon", "dev", "mars"]);
    }

    #[test]
    fn names_that_differ_in_case_only_have_one_spelling() {
        let check = |names: &[&str], configured: &[&str], expected: Option<&str>| {
            let configured: Vec<String> = configured.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(spelled(names.iter().copied(), &configured), expected, "{names:?} {configured:?}");
        };
        check(&["Production", "production"], &[], Some("production"));
        check(&["production", "Production"], &["dev", "PRODUCTION"], Some("PRODUCTION"));
        check(&["Production"], &["dev"], Some("Production"));
        check(&[], &["dev"], None);
    }

    #[test]
    fn two_regions_of_production_come_from_the_same_place() {
        let names = ["dev", "stage", "prod-eu", "prod-us"].map(str::to_owned);
        let from = |at| comes_from(&names, at);
        assert_eq!([from(0), from(1), from(2), from(3), from(4)], [None, Some(0), Some(1), Some(1), None]);
    }

    #[test]
    fn versions_of_different_shapes_are_not_compared() {
        for (a, b, expected) in [
            ("v412", "v413", Some(Ordering::Less)),
            ("1.10", "1.9", Some(Ordering::Greater)),
            ("v2", "2", None),
            ("main", "v2", None),
            ("1.2-rc1", "1.2", None),
            ("12345678", "12345679", None),
        ] {
            assert_eq!(compare_versions(a, b), expected, "{a} {b}");
        }
    }
}
