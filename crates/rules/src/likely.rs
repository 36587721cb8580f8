//! What may have started an alert: the last deployment of its service before it began.
//!
//! A deployment that came shortly before is no proof. It is the first thing a person looks at, so it is named, with how
//! long before it was; and it is not named where what was deployed is not known for sure.

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::{Alert, Deployment, DeploymentStatus, Links};

use crate::deploys::is_same;

/// So long before an alert a deployment may have begun.
pub const WINDOW: TimeDelta = TimeDelta::minutes(60);

/// A deployment as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// It.
    pub deployment: &'a Deployment,
    /// Where it belongs.
    pub links: &'a Links,
    /// Its source is current.
    pub current: bool,
}

/// The deployment that came before an alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likely<'a> {
    /// The newest that came before.
    pub deployment: &'a Deployment,
    /// When it began.
    pub began: DateTime<Utc>,
    /// How long before the alert it began.
    pub before: TimeDelta,
    /// How many more came before, within the same time.
    pub others: usize,
}

/// The last deployment of an alert's service, to the alert's environment where that is known, that began within
/// [`WINDOW`] before the alert did.
///
/// `None` where there is none, where the alert tells no begin or belongs to no known service, and where a source that
/// tells of deployments of the service is not current: a later one may be missing then.
pub fn likely<'a>(alert: &Alert, links: &Links, known: &[Known<'a>]) -> Option<Likely<'a>> {
    let service = &links.service.as_ref()?.name;
    let start = alert.starts_at?;
    let own: Vec<&Known<'a>> = known
        .iter()
        .filter(|it| it.links.service.as_ref().is_some_and(|other| other.name == *service))
        .collect();
    if own.iter().any(|it| !it.current) {
        return None;
    }
    let place = links.environment.as_deref();
    let there = |it: &&&Known<'a>| {
        place.is_none_or(|place| it.links.environment.as_deref().is_some_and(|other| is_same(other, place)))
    };
    let mut before: Vec<(DateTime<Utc>, &'a Deployment)> = own
        .iter()
        .filter(there)
        .filter_map(|it| Some((began(it.deployment)?, it.deployment)))
        .filter(|(at, _)| *at <= start && start - *at <= WINDOW)
        .collect();
    // Of two at the same moment always the same one.
    before.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.origin.id.native.cmp(&b.1.origin.id.native)));
    let (began, deployment) = before.first().copied()?;
    Some(Likely { deployment, began, before: start - began, others: before.len() - 1 })
}

/// When it began to change something. `None`: it only waits, or nobody tells.
fn began(deployment: &Deployment) -> Option<DateTime<Utc>> {
    match deployment.status.state {
        DeploymentStatus::Queued | DeploymentStatus::Blocked => None,
        DeploymentStatus::Cancelled | DeploymentStatus::Unknown => deployment.started_at,
        DeploymentStatus::InProgress
        | DeploymentStatus::Succeeded
        | DeploymentStatus::Failed
        | DeploymentStatus::Superseded => deployment.started_at.or(deployment.created_at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, deployment, now};
    use qd_model::{Fact, Observed, ServiceRef};

    fn links(service: Option<&str>, environment: Option<&str>) -> Links {
        let named = |name: &str| ServiceRef { name: name.to_owned(), inferred: false };
        Links { service: service.map(named), environment: environment.map(str::to_owned) }
    }

    struct Deployed {
        fact: Deployment,
        links: Links,
        current: bool,
    }

    /// `prod-eu/7` deployed to there, so many minutes before the alert; `stale` and a state as further words.
    fn deployed(service: &str, words: &str) -> Deployed {
        let mut words = words.split(' ');
        let native = words.next().unwrap_or_default();
        let (environment, minutes) = native.split_once('/').unwrap();
        let Fact::Deployment(mut fact) = deployment("gh", native, None, environment) else {
            panic!("a deployment")
        };
        let at = now() - TimeDelta::minutes(minutes.parse().unwrap());
        (fact.created_at, fact.started_at, fact.finished_at) = (Some(at), Some(at), None);
        let mut current = true;
        for word in words {
            match word {
                "stale" => current = false,
                "queued" => fact.status = Observed::new(DeploymentStatus::Queued, ""),
                "blocked" => fact.status = Observed::new(DeploymentStatus::Blocked, ""),
                "failed" => fact.status = Observed::new(DeploymentStatus::Failed, ""),
                "cancelled" => fact.status = Observed::new(DeploymentStatus::Cancelled, ""),
                "created" => fact.started_at = None,
                word => panic!("{word}"),
            }
        }
        Deployed { fact, links: links(Some(service), Some(environment)), current }
    }

    fn found(at: &Links, starts: bool, all: &[Deployed]) -> Option<String> {
        let Fact::Alert(mut alert) = alert("am", "a", &[]) else { panic!("an alert") };
        alert.starts_at = starts.then(now);
        let known: Vec<Known<'_>> = all
            .iter()
            .map(|it| Known { deployment: &it.fact, links: &it.links, current: it.current })
            .collect();
        let found = likely(&alert, at, &known)?;
        let (native, minutes) = (&found.deployment.origin.id.native, found.before.num_minutes());
        assert_eq!(found.began + found.before, now());
        Some(format!("{native} {minutes}m +{}", found.others))
    }

    fn check(all: &[&str], expected: Option<&str>) {
        let all: Vec<Deployed> = all.iter().map(|words| deployed("shop", words)).collect();
        assert_eq!(found(&links(Some("shop"), Some("prod-eu")), true, &all).as_deref(), expected);
    }

    #[test]
    fn the_newest_deployment_within_the_hour_before_is_named_and_the_others_are_counted() {
        check(&["prod-eu/3"], Some("prod-eu/3 3m +0"));
        check(&["prod-eu/40", "prod-eu/3", "prod-eu/12"], Some("prod-eu/3 3m +2"));
        check(&["prod-eu/0"], Some("prod-eu/0 0m +0"));
        check(&["prod-eu/60"], Some("prod-eu/60 60m +0"));
        check(&["prod-eu/61"], None);
        check(&["prod-eu/-1"], None);
        check(&[], None);
    }

    #[test]
    fn only_what_began_to_change_something_counts() {
        check(&["prod-eu/3 queued", "prod-eu/5 blocked"], None);
        check(&["prod-eu/3 failed"], Some("prod-eu/3 3m +0"));
        check(&["prod-eu/3 created"], Some("prod-eu/3 3m +0"));
        check(&["prod-eu/3 cancelled"], Some("prod-eu/3 3m +0"));
        check(&["prod-eu/3 cancelled created"], None);
    }

    #[test]
    fn another_environment_counts_only_where_the_alert_names_none() {
        check(&["stage/3", "prod-eu/9"], Some("prod-eu/9 9m +0"));
        check(&["stage/3"], None);
        let all = [deployed("shop", "stage/3"), deployed("shop", "prod-eu/9")];
        assert_eq!(found(&links(Some("shop"), None), true, &all).as_deref(), Some("stage/3 3m +1"));
    }

    #[test]
    fn nothing_is_claimed_of_what_is_not_known_for_sure() {
        check(&["prod-eu/3 stale"], None);
        check(&["prod-eu/3", "prod-eu/900 stale"], None);
        let all = [deployed("shop", "prod-eu/3"), deployed("ledger", "prod-eu/2 stale")];
        let prod = |service| links(service, Some("prod-eu"));
        let shop = found(&prod(Some("shop")), true, &all);
        assert_eq!(shop.as_deref(), Some("prod-eu/3 3m +0"), "another service's source does not matter");
        assert_eq!(found(&prod(None), true, &all), None, "the alert belongs to no known service");
        assert_eq!(found(&prod(Some("shop")), false, &all), None, "nobody tells when the alert began");
    }
}
