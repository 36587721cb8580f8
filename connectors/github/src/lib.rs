//! Workflow runs, deployments and issues of GitHub and GitHub Enterprise (REST API 2022-11-28), through octocrab on our
//! own HTTP facade.

mod act;
mod check;
mod client;
pub mod compare;
pub mod deploy;
pub mod detail;
mod log;
pub mod map;
mod poll;
mod propose;
pub mod wire;

use std::time::Duration;

use async_trait::async_trait;
use qd_connector::http::Auth;
use qd_connector::{
    ActError, Action, ActionForm, ActionSpec, Aim, Backend, CheckReport, Choice, Comparison, Connection,
    CredentialSpec, Descriptor, Detail, FieldKind, FieldSpec, Head, LogTail, Markup, PollCx, PollError,
    Proposes, Receipt, Risk, Secret, Settings, SettingsError, Verdict,
};
use qd_model::{Batch, Cursor, Fact, Kind, SourceId};
use secrecy::ExposeSecret;
use serde::Deserialize;

use client::GitHub;

/// The backend "github".
#[derive(Debug, Clone, Copy)]
pub struct GithubBackend;

static DESCRIPTOR: Descriptor = Descriptor {
    backend: "github",
    name: "GitHub",
    summary: "Workflow runs, deployments and issues of GitHub and GitHub Enterprise",
    kinds: &[Kind::Run, Kind::Deployment, Kind::Ticket],
    url_example: "https://api.github.com, or https://github.example.org/api/v3",
    default_url: Some("https://api.github.com"),
    credential: CredentialSpec {
        label: "Token",
        help: "A fine-grained token for the repositories with read access to Actions, Deployments, Issues and Contents; \
               write access to Actions and Issues only if runs and issues are to be changed from here.",
        optional: true,
        gh: true,
    },
    settings: &[FieldSpec {
        key: "repositories",
        label: "Repositories",
        help: "One a line: owner/name.",
        kind: FieldKind::List,
        required: true,
    }],
    actions: ACTIONS,
    interval: Duration::from_secs(60),
    readme: include_str!("../README.md"),
    icon: include_str!("../icon.svg"),
};

const BODY: FieldSpec =
    FieldSpec { key: "body", label: "Text", help: "Markdown.", kind: FieldKind::LongText, required: true };

const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        verb: "rerun",
        label: "Re-run all jobs",
        aim: Aim::Entity(Kind::Run),
        when: &["success", "failure", "timeout", "cancellation", "skip", "unknown"],
        risk: Risk::Visible,
        effect: "All jobs of the run start again as a new attempt.",
        args: &[],
        previews: false,
    },
    ActionSpec {
        verb: "rerun_failed",
        label: "Re-run failed jobs",
        aim: Aim::Entity(Kind::Run),
        when: &["failure", "timeout", "cancellation"],
        risk: Risk::Visible,
        effect: "The failed jobs and those that depend on them start again as a new attempt.",
        args: &[],
        previews: false,
    },
    ActionSpec {
        verb: "cancel",
        label: "Cancel",
        aim: Aim::Entity(Kind::Run),
        when: &["pending", "waiting", "executing"],
        risk: Risk::Visible,
        effect: "The run is asked to stop.",
        args: &[],
        previews: false,
    },
    ActionSpec {
        verb: "comment",
        label: "Comment",
        aim: Aim::Entity(Kind::Ticket),
        when: &[],
        risk: Risk::Visible,
        effect: "The comment is added to the issue, and subscribers are notified.",
        args: &[BODY],
        previews: false,
    },
    ActionSpec {
        verb: "close",
        label: "Close",
        aim: Aim::Entity(Kind::Ticket),
        when: &["todo", "in_progress", "other"],
        risk: Risk::Undoable,
        effect: "The issue is closed.",
        args: &[FieldSpec { key: "reason", label: "As", help: "", kind: FieldKind::Choice, required: false }],
        previews: false,
    },
    ActionSpec {
        verb: "create",
        label: "New issue",
        aim: Aim::Source,
        when: &[],
        risk: Risk::Visible,
        effect: "An issue is opened, and watchers are notified.",
        args: &[
            FieldSpec {
                key: "repository",
                label: "Repository",
                help: "",
                kind: FieldKind::Choice,
                required: true,
            },
            FieldSpec { key: "title", label: "Title", help: "", kind: FieldKind::Text, required: true },
            FieldSpec {
                key: "body",
                label: "Text",
                help: "Markdown.",
                kind: FieldKind::LongText,
                required: false,
            },
            FieldSpec {
                key: "labels",
                label: "Labels",
                help: "One a line; only labels the repository has.",
                kind: FieldKind::List,
                required: false,
            },
        ],
        previews: false,
    },
];

/// `[connection.settings]`.
#[derive(Debug, Deserialize)]
struct Own {
    #[serde(default)]
    repositories: Vec<String>,
}

impl Backend for GithubBackend {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn connect(&self, settings: Settings) -> Result<Box<dyn Connection>, SettingsError> {
        is_api(&settings.url)?;
        let own: Own = settings.parse()?;
        let repositories = repositories(own.repositories)?;
        Ok(Box::new(Github { source: settings.source, repositories }))
    }

    fn auth(&self, secret: Option<Secret>) -> Result<Auth, SettingsError> {
        let Some(secret) = secret else { return Ok(Auth::None) };
        let token = secret.expose_secret().trim();
        if token.is_empty() || token.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let problem = "a token is one word such as ghp_… or github_pat_…".to_owned();
            return Err(SettingsError { field: "credential".to_owned(), problem });
        }
        Ok(Auth::Bearer(secret))
    }

    fn proposes(&self) -> Option<&dyn Proposes> {
        Some(self)
    }
}

/// Whether an address may be that of the API.
fn is_api(url: &url::Url) -> Result<(), SettingsError> {
    if matches!(url.host_str(), Some("github.com" | "www.github.com")) {
        let problem = "that is where the pages are; the API is at https://api.github.com".to_owned();
        return Err(SettingsError { field: "url".to_owned(), problem });
    }
    Ok(())
}

/// The repositories, each once, in the order given.
fn repositories(names: Vec<String>) -> Result<Vec<String>, SettingsError> {
    let wrong = |problem: String| SettingsError { field: "repositories".to_owned(), problem };
    let mut checked: Vec<String> = Vec::new();
    for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let part = |part: &str| {
            !part.is_empty()
                && !matches!(part, "." | "..")
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if !name.split_once('/').is_some_and(|(owner, repository)| part(owner) && part(repository)) {
            return Err(wrong(format!("'{name}' is not of the form owner/name, for example acme/shop")));
        }
        // GitHub does not tell upper and lower case apart.
        if !checked.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            checked.push(name.to_owned());
        }
    }
    if checked.is_empty() {
        return Err(wrong("name at least one repository: repositories = [\"acme/shop\"]".to_owned()));
    }
    Ok(checked)
}

/// One configured instance.
struct Github {
    source: SourceId,
    repositories: Vec<String>,
}

#[async_trait]
impl Connection for Github {
    async fn check(&self, cx: &PollCx) -> CheckReport {
        check::check(cx, &self.repositories).await
    }

    async fn poll(&self, cx: &PollCx, cursor: &Cursor) -> Result<Batch, PollError> {
        poll::poll(cx, &self.source, &self.repositories, cursor).await
    }

    async fn detail(&self, cx: &PollCx, fact: &Fact) -> Result<Detail, PollError> {
        detail::detail(&GitHub::new(&cx.http), fact).await
    }

    fn markup(&self) -> Markup {
        Markup::Markdown
    }

    async fn log(&self, cx: &PollCx, fact: &Fact) -> Result<Option<LogTail>, PollError> {
        log::log(&GitHub::new(&cx.http), fact).await
    }

    async fn compare(
        &self,
        cx: &PollCx,
        base: &Fact,
        head: Head<'_>,
    ) -> Result<Option<Comparison>, PollError> {
        compare::compare(cx, &self.source, base, head).await
    }

    async fn form(&self, _: &PollCx, verb: &str, _: Option<&Fact>) -> Result<ActionForm, PollError> {
        let Some(spec) = DESCRIPTOR.action(verb) else {
            return Err(PollError::Misconfigured {
                what: format!("GitHub connections have no action '{verb}'"),
            });
        };
        let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
        let form = ActionForm::empty(spec);
        Ok(match verb {
            "close" => form.with("reason", "completed").choices(
                "reason",
                vec![choice("completed", "Completed"), choice("not_planned", "Not planned")],
            ),
            "create" => form
                .with("repository", only(&self.repositories))
                .choices("repository", self.repositories.iter().map(|name| choice(name, name)).collect()),
            _ => form,
        })
    }

    async fn act(&self, cx: &PollCx, action: &Action) -> Result<Receipt, ActError> {
        act::act(&GitHub::new(&cx.http), action, &self.repositories).await
    }

    async fn verify(&self, cx: &PollCx, action: &Action) -> Result<Verdict, PollError> {
        act::verify(cx, &GitHub::new(&cx.http), action, &self.repositories).await
    }
}

/// The one repository there is; among several the person chooses.
fn only(repositories: &[String]) -> String {
    match repositories {
        [one] => one.clone(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[&str], expected: Result<&[&str], &str>) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        match (repositories(names), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(part)) => assert!(error.problem.contains(part), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn repositories_are_owner_and_name_each_once() {
        check(&["acme/shop", " acme/shop ", "Acme/Shop", "acme/api.v2"], Ok(&["acme/shop", "acme/api.v2"]));
        check(&["shop"], Err("owner/name"));
        check(&["https://github.com/acme/shop"], Err("owner/name"));
        check(&["acme/.."], Err("owner/name"));
        check(&["acme/shop?x"], Err("owner/name"));
        check(&[], Err("at least one"));
    }

    #[test]
    fn among_several_repositories_none_is_chosen_silently() {
        let names = ["acme/shop".to_owned(), "acme/web".to_owned()];
        assert_eq!(only(&names[..1]), "acme/shop");
        assert_eq!(only(&names), "");
    }

    #[test]
    fn the_address_of_the_pages_is_told_from_that_of_the_api() {
        let connect = |url: &str| {
            let own = serde_json::json!({ "repositories": ["acme/shop"] });
            GithubBackend
                .connect(Settings {
                    source: "gh".parse().expect("an id"),
                    url: url.parse().expect("an address"),
                    interval: None,
                    ca_file: None,
                    own: own.as_object().cloned().unwrap_or_default(),
                })
                .map(|_| ())
                .map_err(|error| error.field)
        };
        assert_eq!(connect("https://github.com"), Err("url".to_owned()));
        assert_eq!(connect("https://api.github.com"), Ok(()));
        assert_eq!(connect("https://git.example.org/api/v3"), Ok(()));
    }

    #[test]
    fn a_token_with_blanks_is_refused_without_repeating_it() {
        let refused = GithubBackend.auth(Some(Secret::from("ghp_canary and more".to_owned())));
        let error = refused.map(|_| ()).expect_err("it has blanks").to_string();
        assert!(!error.contains("canary"), "{error}");
        assert!(matches!(GithubBackend.auth(Some(Secret::from("ghp_x\n".to_owned()))), Ok(Auth::Bearer(_))));
        assert!(matches!(GithubBackend.auth(None), Ok(Auth::None)));
    }
}
