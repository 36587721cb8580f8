//! What a connection's credential can see, and what reading it costs.

use qd_api::App;
use qd_api::commands::{ConnectionReq, Nothing};
use qd_api::view::{ConnectionDraft, EstimateReq, EstimateView, HourView, ProposalView, ProposalsView};
use serde_json::json;

use crate::args::Propose;
use crate::conn::{find, find_backend, read_secret};
use crate::out::{self, Exit, Failure, say};

/// `qd conn propose`.
pub async fn propose(app: &App, asked: Propose, json: bool) -> Result<Exit, Failure> {
    app.configure().await?;
    let (request, field) = request(app, asked).await?;
    let draft = request.draft.clone();
    let taken: Vec<String> =
        draft.settings.get(&field).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default();
    let found = app.connection_propose(request).await?;
    let picked =
        |item: &ProposalView| if taken.is_empty() { item.preselected } else { taken.contains(&item.value) };
    let values = match taken.len() {
        0 => found.items.iter().filter(|item| item.preselected).count(),
        taken => taken,
    };
    let estimate = app.connection_estimate(EstimateReq {
        backend: draft.backend,
        values: u32::try_from(values).unwrap_or(u32::MAX),
        interval_secs: draft.interval_secs,
        quota_limit: found.quota_limit,
        signed_in: draft.credential != "none",
    });
    let estimate = estimate.await?;
    if json {
        let item = |item: &ProposalView| json!({ "value": item.value, "active_at": item.active_at, "about": item.about, "preselected": item.preselected, "chosen": picked(item) });
        let mut document =
            qd_api::document(&app.sources(None).await?, found.items.iter().map(item).collect());
        document["proposals"] = json!({ "field": field, "more": found.more, "notes": found.notes, "quota_limit": found.quota_limit, "chosen": values, "estimate": estimate });
        out::json(&document)?;
    } else {
        print(&found, &field, picked)?;
        if let Some(estimate) = estimate {
            tell(&estimate, values);
        }
    }
    Ok(Exit::Fine)
}

/// The form to ask with, and the setting that values are proposed for.
async fn request(app: &App, asked: Propose) -> Result<(ConnectionReq, String), Failure> {
    let (draft, replaces, secret) = match (asked.id, asked.backend) {
        (Some(id), _) => (find(app, &id).await?.draft, Some(id), None),
        (None, backend) => {
            let backend = find_backend(app.backends(Nothing {}).await?, &backend.unwrap_or_default())?;
            let secret = if asked.credential == "keychain" { read_secret(&backend)? } else { None };
            let credential = match (asked.credential.as_str(), &secret) {
                ("keychain", None) => "none".to_owned(),
                _ => asked.credential,
            };
            let draft = ConnectionDraft {
                id: backend.backend.clone(),
                backend: backend.backend,
                url: asked.url,
                credential,
                interval_secs: None,
                ca_file: asked.ca_file,
                settings: Default::default(),
            };
            (draft, None, secret)
        }
    };
    let backend = find_backend(app.backends(Nothing {}).await?, &draft.backend)?;
    let Some(offer) = backend.proposes else {
        let message = format!("{} proposes nothing; see qd backend show {}", backend.name, backend.backend);
        return Err(Failure { exit: Exit::Usage, message });
    };
    Ok((ConnectionReq { draft, replaces, secret, session_only: false }, offer.field))
}

fn print(found: &ProposalsView, field: &str, picked: impl Fn(&ProposalView) -> bool) -> Result<(), Failure> {
    for note in &found.notes {
        say(note);
    }
    let row = |item: &ProposalView| {
        let at = item.active_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        let mark = if picked(item) { "*" } else { "" };
        vec![mark.to_owned(), item.value.clone(), at.unwrap_or_default(), item.about.clone()]
    };
    let rows: Vec<Vec<String>> = found.items.iter().map(row).collect();
    if !rows.is_empty() {
        out::table(&["", &field.to_uppercase(), "LAST ACTIVE", "WHAT"], &rows)?;
    }
    if found.more {
        say("there are more; these are the latest");
    }
    Ok(())
}

fn tell(estimate: &EstimateView, values: usize) {
    if values == 0 {
        return;
    }
    say(&format!("* {values} chosen. An hour costs at the most:"));
    for hour in &estimate.hours {
        say(&format!("  {}", sentence(hour, estimate.unchanged_is_free)));
    }
    say(&format!("Polls stop at {} % of the quota and wait for the next window.", estimate.ceiling_percent));
}

fn sentence(hour: &HourView, unchanged_is_free: bool) -> String {
    let when = match hour.pace.as_str() {
        "idle" => "nothing runs, nobody looks",
        "watched" => "the window is looked at",
        _ => "something runs all hour, in one of them",
    };
    let free = if unchanged_is_free { "; unchanged answers are free" } else { "" };
    let share = hour.percent.map(|percent| format!(", {percent} % of the quota")).unwrap_or_default();
    format!("{when}: {} requests, {} count{share}{free}", hour.requests, hour.counted)
}
