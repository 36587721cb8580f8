//! Repositories that the credential can see, to be chosen from.

use async_trait::async_trait;
use qd_connector::{PollCost, PollCx, PollError, Proposal, Proposals, ProposeSpec, Proposes};

use crate::client::GitHub;
use crate::{GithubBackend, is_api, wire};

static SPEC: ProposeSpec = ProposeSpec {
    field: "repositories",
    label: "Find repositories",
    without_credential: Some(
        "Without a credential GitHub lists no repositories as yours. Sign in, or write their names down.",
    ),
    cost: PollCost {
        // Runs, runs in progress, deployments, issues; releases where there are deployments, tags where there are releases.
        requests: 6,
        // The two lists of runs.
        changing: 2,
        // https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        unchanged_is_free: true,
    },
};

#[async_trait]
impl Proposes for GithubBackend {
    fn spec(&self) -> &'static ProposeSpec {
        &SPEC
    }

    /// `GET /user/repos`: one page, pushed to last first. Apps belong to nobody and are refused.
    /// <https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user>
    async fn proposals(&self, cx: &PollCx) -> Result<Proposals, PollError> {
        is_api(cx.http.base()).map_err(|error| PollError::Misconfigured { what: error.to_string() })?;
        let github = GitHub::new(&cx.http);
        let response = github.get("/user/repos", &[("sort", "pushed"), ("per_page", "100")]).await?;
        let values: Vec<wire::Entity> = response.json()?;
        let (read, problems) = wire::items(values, "repository");
        let more = response.next_page().is_ok_and(|next| next.is_some());
        let items = read.into_iter().filter_map(proposal).collect();
        Ok(Proposals { items, more, problems }.latest_first())
    }
}

/// `None`: it has no name.
fn proposal(repository: wire::Repository) -> Option<Proposal> {
    let archived = repository.archived.unwrap_or_default();
    let disabled = repository.disabled.unwrap_or_default();
    let words = [
        (repository.private.unwrap_or_default(), "private"),
        (repository.fork.unwrap_or_default(), "fork"),
        (archived, "archived"),
        (disabled, "disabled"),
    ];
    let about: Vec<&str> = words.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    Some(Proposal {
        value: repository.full_name?,
        active_at: repository.pushed_at,
        shelved: archived || disabled,
        about: about.join(", "),
    })
}
