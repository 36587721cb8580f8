//! To which service and environment a fact belongs: as configured, else inferred and marked as such.

use std::collections::BTreeMap;

use qd_model::{Fact, Links, Service, ServiceRef, SourceId};

/// The configured services, and which backend each source is (`github:acme/shop` may name either).
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    services: Vec<Service>,
    backends: BTreeMap<SourceId, String>,
}

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

    /// To which service and environment a fact belongs.
    pub fn link(&self, fact: &Fact) -> Links {
        Links { service: self.configured(fact).or_else(|| inferred(fact)), environment: environment(fact) }
    }

    fn configured(&self, fact: &Fact) -> Option<ServiceRef> {
        let written = |name: &str| ServiceRef { name: name.to_owned(), inferred: false };
        if let Fact::Deployment(deployment) = fact
            && let Some(name) = &deployment.service
        {
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

fn inferred(fact: &Fact) -> Option<ServiceRef> {
    let origin = fact.origin();
    let label = match fact {
        Fact::Alert(alert) => SERVICE_LABELS.iter().find_map(|name| alert.labels.get(*name)),
        _ => None,
    };
    let repository = origin.repository.as_deref().and_then(|name| name.rsplit('/').next());
    let name = label.map(String::as_str).or(repository).or(origin.project.as_deref())?;
    let name = name.trim();
    (!name.is_empty()).then(|| ServiceRef { name: name.to_owned(), inferred: true })
}

fn environment(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Deployment(deployment) => Some(deployment.environment.clone()),
        Fact::Alert(alert) => ENVIRONMENT_LABELS.iter().find_map(|name| alert.labels.get(*name)).cloned(),
        Fact::Run(_) | Fact::Ticket(_) => None,
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
    fn an_alerts_environment_comes_from_its_labels() {
        let links = catalogue().link(&alert("am", "f", &[("env", "prod")]));
        assert_eq!(links.environment.as_deref(), Some("prod"));
    }
}
