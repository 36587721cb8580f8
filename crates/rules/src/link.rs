//! To which service and environment a fact belongs: as configured, else inferred and marked as such.

use std::collections::BTreeMap;

use qd_model::{Fact, Links, Service, ServiceRef, SourceId};

/// The configured services, and which backend each source is (`github:acme/shop` may name either).
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    services: Vec<Service>,
    backends: BTreeMap<SourceId, String>,
}

/// Raised whenever this file decides otherwise for the same catalogue: then everything stored is linked anew.
const RULES: u32 = 2;
/// Labels whose value names a service, most telling first.
const SERVICE_LABELS: [&str; 4] = ["service", "service_name", "app", "app_kubernetes_io_name"];
/// Labels whose value names an environment, most telling first.
const ENVIRONMENT_LABELS: [&str; 3] = ["environment", "env", "deployment_environment_name"];

impl Catalogue {
    /// A catalogue of configured services; `backends` tells the backend word of each source.
    pub fn new(services: Vec<Service>, backends: BTreeMap<SourceId, String>) -> Self {
        Self { services, backends }
    }

    /// The configured services.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The configured service of that name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Tells two catalogues apart, also from one run of the product to the next: with the same one, what was linked once
    /// need not be linked again.
    pub fn fingerprint(&self) -> String {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        format!("{RULES} {:?} {:?}", self.services, self.backends).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// To which service and environment a fact belongs.
    pub fn link(&self, fact: &Fact) -> Links {
        Links { service: self.configured(fact).or_else(|| inferred(fact)), environment: environment(fact) }
    }

    fn configured(&self, fact: &Fact) -> Option<ServiceRef> {
        let written = |name: &str| ServiceRef { name: name.to_owned(), inferred: false };
        if let Some(name) = declared(fact) {
            return Some(written(name));
        }
        self.services.iter().find(|service| self.claims(service, fact)).map(|service| written(&service.name))
    }

    fn claims(&self, service: &Service, fact: &Fact) -> bool {
        let origin = fact.origin();
        let source = &origin.id.source;
        let names = |list: &[String], value: Option<&str>| {
            value.is_some_and(|value| list.iter().any(|entry| self.names(entry, source, value)))
        };
        if names(&service.repositories, origin.repository.as_deref())
            || names(&service.projects, origin.project.as_deref())
        {
            return true;
        }
        match fact {
            Fact::Alert(alert) => {
                !service.labels.is_empty()
                    && service.labels.iter().all(|(name, value)| alert.labels.get(name) == Some(value))
            }
            // Builders without a project are claimed by their own name.
            Fact::Run(run) => names(&service.projects, Some(&run.pipeline_name)),
            Fact::Deployment(_) | Fact::Ticket(_) => false,
        }
    }

    /// Whether `entry` (`SOURCE:NAME` or `NAME`) names `value` of `source`.
    fn names(&self, entry: &str, source: &SourceId, value: &str) -> bool {
        match entry.split_once(':') {
            Some((place, name)) => {
                let here = place == source.as_str() || self.backends.get(source).is_some_and(|b| b == place);
                here && name.eq_ignore_ascii_case(value)
            }
            None => entry.eq_ignore_ascii_case(value),
        }
    }
}

/// What to write down so that everything that is now guessed to belong to `name` belongs to it for certain: the
/// repositories and projects it was guessed from, each with its source, and the label its alerts carry. `facts` are those
/// guessed to belong to it.
///
/// Labels must all match, so only one is proposed: the one that most of its alerts were guessed by.
pub fn proposal<'a>(name: &str, facts: impl Iterator<Item = &'a Fact>) -> Service {
    let mut service = Service { name: name.to_owned(), ..Service::default() };
    let mut labels: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let add = |list: &mut Vec<String>, entry: String| {
        if !list.contains(&entry) {
            list.push(entry);
        }
    };
    for fact in facts {
        let origin = fact.origin();
        let from = |place: &str| format!("{}:{place}", origin.id.source);
        match (label(fact), &origin.repository, &origin.project) {
            (Some(label), ..) => *labels.entry(label).or_default() += 1,
            (None, Some(repository), _) => add(&mut service.repositories, from(repository)),
            (None, None, Some(project)) => add(&mut service.projects, from(project)),
            (None, None, None) => {}
        }
    }
    service.repositories.sort();
    service.projects.sort();
    let most = labels.into_iter().max_by_key(|(label, count)| (*count, std::cmp::Reverse(*label)));
    service.labels.extend(most.map(|((name, value), _)| (name.to_owned(), value.to_owned())));
    service
}

/// The label that names an alert's service.
fn label(fact: &Fact) -> Option<(&'static str, &str)> {
    let Fact::Alert(alert) = fact else { return None };
    SERVICE_LABELS.iter().find_map(|name| alert.labels.get(*name).map(|value| (*name, value.as_str())))
}

fn inferred(fact: &Fact) -> Option<ServiceRef> {
    let origin = fact.origin();
    let label = label(fact).map(|(_, value)| value);
    let repository = origin.repository.as_deref().and_then(|name| name.rsplit('/').next());
    let name = label.or(repository).or(origin.project.as_deref())?;
    let name = name.trim();
    (!name.is_empty()).then(|| ServiceRef { name: name.to_owned(), inferred: true })
}

/// The service that the backend or the connection's settings name: what a deployment puts live, and what a run does that is
/// one.
fn declared(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Deployment(deployment) => deployment.service.as_deref(),
        Fact::Run(run) => run.service.as_deref(),
        Fact::Alert(_) | Fact::Ticket(_) => None,
    }
}

fn environment(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Deployment(deployment) => Some(deployment.environment.clone()),
        Fact::Alert(alert) => ENVIRONMENT_LABELS.iter().find_map(|name| alert.labels.get(*name)).cloned(),
        Fact::Run(run) => run.environment.clone(),
        Fact::Ticket(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{alert, deployment, run, ticket};

    fn catalogue() -> Catalogue {
        let shop = Service {
            name: "shop".into(),
            owner: Some("payments".into()),
            repositories: vec!["github:acme/storefront".into()],
            projects: vec!["tickets:webshop".into()],
            labels: BTreeMap::from([("service".into(), "checkout".into())]),
        };
        let backends = [("gh", "github"), ("am", "alertmanager"), ("tickets", "redmine")];
        let backends = backends.iter().map(|(id, b)| (id.parse().unwrap(), (*b).to_owned())).collect();
        Catalogue::new(vec![shop], backends)
    }

    fn check(fact: Fact, expected: Option<(&str, bool)>) {
        let link = catalogue().link(&fact).service;
        let found = link.as_ref().map(|service| (service.name.as_str(), service.inferred));
        assert_eq!(found, expected, "{}", fact.id());
    }

    #[test]
    fn what_is_written_down_wins_and_guesses_are_marked() {
        check(run("gh", "1", Some("acme/storefront")), Some(("shop", false)));
        check(run("gh", "1", Some("acme/ledger")), Some(("ledger", true)));
        check(run("gh", "1", None), None);
        check(alert("am", "f", &[("service", "checkout")]), Some(("shop", false)));
        check(alert("am", "f", &[("service", "search")]), Some(("search", true)));
        check(alert("am", "f", &[("team", "sre")]), None);
        check(ticket("tickets", "7", Some("webshop")), Some(("shop", false)));
        check(ticket("other", "7", Some("webshop")), Some(("webshop", true)));
        check(deployment("gh", "9", Some("api"), "prod-eu"), Some(("api", false)));
    }

    #[test]
    fn a_run_that_deploys_belongs_where_its_deployment_does() {
        let Fact::Run(mut run) = run("gh", "1", Some("acme/storefront")) else { panic!("a run") };
        (run.service, run.environment) = (Some("api".into()), Some("prod-eu".into()));
        let links = catalogue().link(&Fact::Run(run));
        let deployment = catalogue().link(&deployment("gh", "9", Some("api"), "prod-eu"));
        assert_eq!(links, deployment, "whatever repository it is built from");
    }

    #[test]
    fn what_is_proposed_claims_what_was_guessed() {
        let facts = [
            run("gh", "1", Some("acme/ledger")),
            run("gh", "2", Some("acme/ledger")),
            ticket("tickets", "3", Some("ledger")),
            alert("am", "f", &[("service", "ledger")]),
            alert("am", "g", &[("service", "ledger")]),
            alert("am", "h", &[("app", "ledger")]),
        ];
        let proposed = proposal("ledger", facts.iter());
        assert_eq!(proposed.repositories, ["gh:acme/ledger"]);
        assert_eq!(proposed.projects, ["tickets:ledger"]);
        assert_eq!(proposed.labels, BTreeMap::from([("service".into(), "ledger".into())]));
        let catalogue = Catalogue::new(vec![proposed], BTreeMap::new());
        let certain = |fact: &Fact| catalogue.link(fact).service.is_some_and(|service| !service.inferred);
        assert_eq!(
            facts.iter().filter(|fact| certain(fact)).count(),
            5,
            "all but the alert of the other label"
        );
    }

    #[test]
    fn catalogues_are_told_apart_by_what_they_say() {
        assert_eq!(catalogue().fingerprint(), catalogue().fingerprint());
        let other = Catalogue { services: Vec::new(), ..catalogue() };
        assert_ne!(catalogue().fingerprint(), other.fingerprint());
    }

    #[test]
    fn an_alerts_environment_comes_from_its_labels() {
        let links = catalogue().link(&alert("am", "f", &[("env", "prod")]));
        assert_eq!(links.environment.as_deref(), Some("prod"));
    }
}
