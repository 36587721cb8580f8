//! A name in a query that nobody has heard of is a slip of the pen: without a word about it, an empty list reads "all good".

use std::collections::BTreeSet;

use qd_model::filter::{Field, Test, tier_word};
use qd_model::{Filter, Tier, nearest};
use serde::Deserialize;
use ts_rs::TS;

use crate::plain::line;
use crate::states::is_among;
use crate::{ApiError, App};

/// So many names are told where none is near.
const TOLD: usize = 12;

/// What a query says.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct UnheardReq {
    /// The query.
    pub query: String,
}

/// What a query can call by a name of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noun {
    Connection,
    Service,
    Owner,
    Environment,
}

impl Noun {
    fn word(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Service => "service",
            Self::Owner => "owner",
            Self::Environment => "environment",
        }
    }
}

/// What a condition calls by name.
fn named(test: &Test) -> Option<(Noun, &[String])> {
    match test {
        Test::Is(Field::Source, wanted) => Some((Noun::Connection, wanted)),
        Test::Is(Field::Service, wanted) => Some((Noun::Service, wanted)),
        Test::Is(Field::Env, wanted) => Some((Noun::Environment, wanted)),
        Test::Owner(wanted) => Some((Noun::Owner, wanted)),
        _ => None,
    }
}

impl App {
    /// What a query names that nobody knows, a sentence each: connections, services, owners and environments. Services and
    /// environments that were seen at any time are known.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn unheard(&self, request: UnheardReq) -> Result<Vec<String>, ApiError> {
        let filter = Filter::parse(&request.query)?;
        let mut told = Vec::new();
        for (noun, wanted) in filter.terms.iter().filter_map(|term| named(&term.test)) {
            let known = self.known(noun).await?;
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let strange = wanted.iter().filter(|want| !is_among(want, &known));
            told.extend(strange.map(|want| sentence(noun, want, &known)));
        }
        told.dedup();
        Ok(told)
    }

    async fn known(&self, noun: Noun) -> Result<BTreeSet<String>, ApiError> {
        let store = &self.inner.parts.store;
        let catalogue = self.catalogue();
        let services = || catalogue.services().iter();
        Ok(match noun {
            Noun::Connection => self.entries().into_iter().map(|entry| entry.id.to_string()).collect(),
            Noun::Owner => services().filter_map(|service| service.owner.clone()).collect(),
            Noun::Service => {
                let seen = store.values(Field::Service).await?;
                seen.into_iter().chain(services().map(|service| service.name.clone())).collect()
            }
            Noun::Environment => {
                let tiers = [Tier::Production, Tier::Staging, Tier::Test, Tier::Development, Tier::Other];
                let seen = store.values(Field::Env).await?.into_iter().chain(self.environments());
                seen.chain(tiers.map(|tier| tier_word(tier).to_owned())).collect()
            }
        })
    }
}

fn sentence(noun: Noun, want: &str, known: &[&str]) -> String {
    let head = format!("no {} '{}' is known", noun.word(), line(want));
    match (nearest(want.trim_end_matches('*'), known.iter().copied()), known) {
        (Some(near), _) => format!("{head}; did you mean '{}'?", line(near)),
        (None, []) => head,
        (None, known) => {
            let more = if known.len() > TOLD { ", …" } else { "" };
            let names: Vec<String> = known.iter().take(TOLD).map(|name| line(name)).collect();
            format!("{head}; there are: {}{more}", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_nobody_knows_is_told_with_the_nearest_there_is() {
        let known = ["ci", "github", "shop-alerts"];
        let check = |want: &str, rest: &str| {
            let told = sentence(Noun::Connection, want, &known);
            assert_eq!(told, format!("no connection '{want}' is known{rest}"));
        };
        check("git", "; did you mean 'github'?");
        check("gitbub", "; did you mean 'github'?");
        check("Shop", "; did you mean 'shop-alerts'?");
        check("cl", "; did you mean 'ci'?");
        check("gh", "; there are: ci, github, shop-alerts");
        check("x", "; there are: ci, github, shop-alerts");
        assert_eq!(sentence(Noun::Service, "a\u{202e}b", &[]), "no service 'a⟨U+202E⟩b' is known");
        let many: Vec<String> = (0..20).map(|n| format!("name-{n:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(sentence(Noun::Service, "zebra", &many).ends_with("name-10, name-11, …"));
    }
}
