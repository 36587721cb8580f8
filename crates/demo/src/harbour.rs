//! The company behind its servers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use http::header::{DATE, ETAG, HeaderName};
use qd_model::Clock;
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::config::{TOKEN, config};
use crate::http::{Answer, Reply, Request};
use crate::moment::{Deed, Moment};
use crate::serve::Servers;
use crate::world::World;
use crate::{DemoClock, alertmanager, github, redmine};

/// Requests an hour, as GitHub allows them.
const QUOTA: u64 = 5_000;

/// The company behind its servers. They end when it is dropped.
pub struct Harbour {
    state: Arc<State>,
    servers: Servers,
    /// Address of GitHub's API.
    pub github: Url,
    /// Address of Alertmanager.
    pub alerts: Url,
    /// Address of Redmine.
    pub tickets: Url,
}

struct State {
    world: World,
    clock: DemoClock,
    deeds: Mutex<Vec<Deed>>,
    quota: Mutex<Quota>,
}

#[derive(Default)]
struct Quota {
    used: u64,
    resets: Option<DateTime<Utc>>,
}

impl Harbour {
    /// Starts the servers on free ports of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(world: World, clock: DemoClock) -> std::io::Result<Self> {
        let state = Arc::new(State { world, clock, deeds: Mutex::default(), quota: Mutex::default() });
        let servers = Servers::default();
        let github = start(&servers, &state, State::github, github::ROOT).await?;
        let alerts = start(&servers, &state, State::alertmanager, "").await?;
        let tickets = start(&servers, &state, State::redmine, "").await?;
        Ok(Self { state, servers, github, alerts, tickets })
    }

    /// The world it shows.
    pub fn world(&self) -> &World {
        &self.state.world
    }

    /// Its time.
    pub fn clock(&self) -> &DemoClock {
        &self.state.clock
    }

    /// `config.toml` that connects to it; `credential` is the reference by which [`TOKEN`] is found.
    pub fn config(&self, credential: &str) -> String {
        let text = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        config(self.world(), &text(&self.github), &text(&self.alerts), &text(&self.tickets), credential)
    }

    /// Whether an address is one of its own.
    pub fn owns(&self, url: &Url) -> bool {
        [&self.github, &self.alerts, &self.tickets].iter().any(|own| own.origin() == url.origin())
    }

    /// What people did so far.
    pub fn deeds(&self) -> Vec<Deed> {
        self.state.deeds().clone()
    }

    /// Forgets what people did, and sets the clock.
    pub fn begin_anew(&self, now: DateTime<Utc>) {
        self.state.deeds().clear();
        *self.state.quota() = Quota::default();
        self.state.clock.set(now);
    }

    /// Ends the servers.
    pub async fn end(&self) {
        self.servers.end().await;
    }
}

type Part = fn(&State, &Request, &str) -> Reply;

async fn start(servers: &Servers, state: &Arc<State>, part: Part, path: &str) -> std::io::Result<Url> {
    let (listener, address): (TcpListener, _) = Servers::listen().await?;
    let origin = format!("http://{address}");
    let url = Url::parse(&format!("{origin}{path}")).map_err(std::io::Error::other)?;
    let state = state.clone();
    servers.serve(
        listener,
        Arc::new(move |request| {
            let reply = part(&state, request, &origin);
            reply.with(DATE, state.clock.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }),
    );
    Ok(url)
}

impl State {
    fn deeds(&self) -> MutexGuard<'_, Vec<Deed>> {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quota(&self) -> MutexGuard<'_, Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers out of one moment; a deed is done before it is answered.
    fn answer(&self, respond: impl FnOnce(&Moment<'_>) -> Answer) -> Reply {
        let mut deeds = self.deeds();
        let now = self.clock.now();
        let answer = respond(&Moment { world: &self.world, deeds: &deeds, now });
        match answer {
            Answer::Reply(reply) => reply,
            Answer::Deed(act, reply) => {
                deeds.push(Deed { at: now, act });
                reply(&Moment { world: &self.world, deeds: &deeds, now })
            }
        }
    }

    fn alertmanager(&self, request: &Request, origin: &str) -> Reply {
        self.answer(|moment| alertmanager::answer(moment, request, origin))
    }

    fn redmine(&self, request: &Request, _: &str) -> Reply {
        self.answer(|moment| redmine::answer(moment, request))
    }

    /// GitHub with its credential, its quota and its ETags.
    fn github(&self, request: &Request, origin: &str) -> Reply {
        let path = request.path.strip_prefix(github::ROOT);
        if path == Some("/rate_limit") {
            return self.metered(self.rate_limit(), true);
        }
        if path.is_some() && request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            let body = json!({ "message": "Bad credentials", "status": "401" });
            return self.metered(Reply::json(401, &body), false);
        }
        let reply = self.answer(|moment| github::answer(moment, request, origin));
        if request.method != http::Method::GET || reply.status != 200 || path.is_none() {
            return self.metered(reply, false);
        }
        let etag = format!("W/\"{:016x}\"", fingerprint(&reply));
        if request.header("if-none-match") == Some(&etag) {
            return self.metered(Reply::empty(304).with(ETAG, etag), true);
        }
        self.metered(reply.with(ETAG, etag), false)
    }

    /// Counts a request against the quota, unless it is free, and tells how much is left.
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    fn metered(&self, reply: Reply, free: bool) -> Reply {
        let (left, resets) = self.charge(free);
        let header = |name: &'static str| HeaderName::from_static(name);
        reply
            .with(header("x-ratelimit-limit"), QUOTA.to_string())
            .with(header("x-ratelimit-remaining"), left.to_string())
            .with(header("x-ratelimit-used"), (QUOTA - left).to_string())
            .with(header("x-ratelimit-reset"), resets.timestamp().to_string())
            .with(header("x-ratelimit-resource"), "core".to_owned())
            .with(header("x-github-enterprise-version"), "3.20.1".to_owned())
            .with(header("x-oauth-scopes"), "repo, workflow".to_owned())
    }

    fn charge(&self, free: bool) -> (u64, DateTime<Utc>) {
        let now = self.clock.now();
        let mut quota = self.quota();
        let resets = match quota.resets.filter(|at| *at > now) {
            Some(at) => at,
            None => {
                *quota = Quota { used: 0, resets: Some(now + TimeDelta::hours(1)) };
                now + TimeDelta::hours(1)
            }
        };
        quota.used += u64::from(!free);
        (QUOTA.saturating_sub(quota.used), resets)
    }

    fn rate_limit(&self) -> Reply {
        let (left, resets) = self.charge(true);
        let limit = |limit: u64, left: u64| json!({ "limit": limit, "used": limit - left, "remaining": left, "reset": resets.timestamp() });
        let core = limit(QUOTA, left);
        let resources = json!({
            "core": core, "search": limit(30, 30), "graphql": limit(QUOTA, QUOTA), "integration_manifest": limit(QUOTA, QUOTA),
        });
        Reply::json(200, &json!({ "resources": resources, "rate": core }))
    }
}

/// FNV-1a of body and paging.
fn fingerprint(reply: &Reply) -> u64 {
    let link = reply.headers.iter().flat_map(|(_, value)| value.bytes());
    let bytes = reply.body.iter().copied().chain(link);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
