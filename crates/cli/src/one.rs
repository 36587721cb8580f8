//! One entity: everything known of it, its history, its log.

use qd_api::commands::{EntityReq, OpenLinkReq};
use qd_api::notes::NotesReq;
use qd_api::view::{
    DetailView, EntityView, LikelyView, LineReq, LineView, NoteView, Row, RowMore, SectionView,
};
use qd_api::{ApiError, App};
use qd_model::{EntityId, Kind};
use serde_json::{Value, json};

use crate::out::{self, Exit, Failure, say};
use crate::status::glyph;

fn request(id: &str) -> EntityReq {
    EntityReq { id: id.to_owned(), as_of: None }
}

/// `qd show`.
pub async fn show(app: &App, id: &str, offline: bool, json: bool) -> Result<Exit, Failure> {
    let entity = app.entity(request(id)).await?;
    if !offline {
        app.configure().await?;
    }
    let line = match entity.row.kind {
        Kind::Run => Some(app.line(LineReq { id: id.to_owned() }).await?),
        _ => None,
    };
    let last = crate::act::last(app, id, offline).await?;
    if json {
        let sources = app.sources(None).await?;
        let mut item = app.entity_item(&entity, &sources).await?;
        item["detail"] = match offline {
            true => Value::Null,
            false => json!(told(app.detail_item(id).await)),
        };
        item["line"] = json!(line);
        item["last_action"] = json!(last);
        out::json(&qd_api::document(&sources, vec![item]))?;
    } else {
        let detail = if offline { None } else { told(app.detail(request(id)).await) };
        print(&entity)?;
        out::lines(last.as_ref().map(crate::act::told))?;
        out::lines(crate::notes::section(&notes(app, id).await?, app.now()))?;
        out::lines(around(app, &entity).await)?;
        out::lines(line.iter().flat_map(doing))?;
        if let Some(detail) = detail {
            out::lines(sections(&detail))?;
        }
    }
    Ok(Exit::Fine)
}

/// What people wrote on an entity.
async fn notes(app: &App, id: &str) -> Result<Vec<NoteView>, Failure> {
    let of = NotesReq { subject: Some(id.to_owned()), ..NotesReq::default() };
    Ok(app.notes(of).await?.notes)
}

/// Details are asked of the backend; without them the rest is still worth showing.
fn told<T>(detail: Result<T, ApiError>) -> Option<T> {
    detail.map_err(|error| say(&format!("qd: no details: {}", error.message))).ok()
}

fn print(entity: &EntityView) -> Result<(), Failure> {
    let row = &entity.row;
    let stale = if row.stale { " (old)" } else { "" };
    let mut lines =
        vec![format!("{} {}  {}{stale}", glyph(row.status), row.state, named(row)), row.id.clone()];
    lines.extend(gone(entity));
    let width = entity.fields.iter().map(|field| field.name.chars().count()).max().unwrap_or(0).min(24);
    lines.extend(
        entity
            .fields
            .iter()
            .map(|field| format!("  {:width$}  {}", field.name, indent(&field.value, width + 4))),
    );
    if let RowMore::Alert { summary, labels, .. } = &row.more {
        lines.extend(summary.iter().map(|summary| format!("  {summary}")));
        lines.extend(labels.iter().map(|(name, value)| format!("  {name}={value}")));
    }
    if !entity.history.is_empty() {
        lines.push("History".to_owned());
    }
    for step in &entity.history {
        let from = step.from.as_deref().map(|from| format!("{from} → ")).unwrap_or_default();
        lines.push(format!(
            "  {}  {from}{}",
            step.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            step.to
        ));
    }
    out::lines(lines)
}

/// What a person calls it. Many runs have the same title ("force build"): theirs come with pipeline and number.
pub fn named(row: &Row) -> String {
    match &row.more {
        RowMore::Run { pipeline, number, .. } => {
            let name = format!("{pipeline} {number}");
            if row.title == name { name } else { format!("{name}: {}", row.title) }
        }
        _ => row.title.clone(),
    }
}

/// What is to be known of an entity whose connection is configured no longer.
fn gone(entity: &EntityView) -> Option<String> {
    let row = &entity.row;
    let text = "is no longer configured; this is what was seen before";
    row.backend.is_empty().then(|| format!("connection {} {text}", row.source))
}

/// Who inhibits it, where its links lead, what can be done with it.
async fn around(app: &App, entity: &EntityView) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(entity.around.likely.as_ref().map(likely));
    let inhibitors = &entity.around.inhibitors;
    if !inhibitors.is_empty() {
        lines.push("Inhibited by".to_owned());
    }
    lines.extend(inhibitors.iter().map(|other| match (&other.title, &other.id) {
        (Some(title), Some(id)) => format!("  {title}  {id}"),
        _ => format!("  {}  (not known here)", other.fingerprint),
    }));
    if let RowMore::Alert { inhibited_by, .. } = &entity.row.more {
        let more = (*inhibited_by as usize).saturating_sub(inhibitors.len());
        lines.extend((more > 0).then(|| format!("  and {more} more")));
    }
    if !entity.links.is_empty() {
        lines.push("Links".to_owned());
    }
    for link in &entity.links {
        let asked = app.link_address(OpenLinkReq { id: entity.row.id.clone(), index: link.index }).await;
        // An address that fails the check is not passed on, as in the window.
        let address = asked.map_or_else(|_| format!("{}  (not safe to open)", link.host), |found| found.url);
        lines.push(format!("  {:<11}  {address}", link.kind));
    }
    let verbs: Vec<&str> = entity.actions.iter().map(|action| action.verb.as_str()).collect();
    if !verbs.is_empty() {
        lines.push(format!("Actions: {}  (qd act {} VERB)", verbs.join(", "), entity.row.id));
    }
    lines
}

/// What may have started an alert.
fn likely(likely: &LikelyView) -> String {
    let part = |word: &str, value: &Option<String>| {
        value.as_ref().map(|value| format!("{word}{value}")).unwrap_or_default()
    };
    let before = match likely.before_secs {
        secs @ 0..=59 => format!("{secs}s"),
        secs => format!("{}m", secs / 60),
    };
    let others = match likely.others {
        0 => String::new(),
        1 => " (1 other within the hour before)".to_owned(),
        others => format!(" ({others} others within the hour before)"),
    };
    format!(
        "Likely: deployment{}{}{}, {before} before it began{others}  {}",
        part(" of ", &likely.version),
        part(" to ", &likely.environment),
        part(" by ", &likely.author),
        likely.id
    )
}

/// How the line of a run is doing.
fn doing(line: &LineView) -> Vec<String> {
    let span = |secs: u32| format!("{}m{:02}s", secs / 60, secs % 60);
    let mut parts = vec![format!("{} of {} passed", line.passed, line.counted)];
    if line.streak > 0 {
        parts.push(format!("the last {} failed", line.streak));
    }
    if line.flaky_commits > 0 {
        parts.push(format!("{} commits passed and failed", line.flaky_commits));
    }
    parts.extend(line.usual_secs.map(|usual| format!("usually {}", span(usual))));
    if let (true, Some(secs)) = (line.over, line.this.secs) {
        parts.push(format!("this one {}", span(secs)));
    }
    let old = if line.stale { " (old)" } else { "" };
    let mut lines = vec![format!("Line: {}{old}  {}", line.health, parts.join(" · "))];
    if let Some(broke) = &line.broke {
        let good = broke.last_good.as_ref().map_or("none known".to_owned(), |run| run.id.clone());
        let by = if broke.authors.is_empty() {
            String::new()
        } else {
            format!(" by {}", broke.authors.join(", "))
        };
        lines.push(format!("  last good {good}, first bad {}{by}", broke.first_bad.id));
    }
    lines.extend(
        line.environments
            .iter()
            .map(|deploys| format!("  deploys to {}  {}", deploys.environment, deploys.id)),
    );
    lines
}

pub fn indent(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}

fn sections(detail: &DetailView) -> Vec<String> {
    let mut lines = Vec::new();
    for section in &detail.sections {
        match section {
            SectionView::Fields { title, rows } => {
                lines.push(title.clone());
                lines.extend(rows.iter().map(|row| format!("  {}  {}", row.name, indent(&row.value, 4))));
            }
            SectionView::Jobs { jobs } => {
                for job in jobs {
                    lines.push(format!("{} {}  {}", glyph(job.status), job.name, job.state));
                    lines.extend(job.steps.iter().map(|step| {
                        let first = if step.first_failure { "  ← first failure" } else { "" };
                        format!("    {} {}  {}{first}", glyph(step.status), step.name, step.state)
                    }));
                }
            }
            SectionView::Body { title, text, .. } => {
                lines.push(title.clone());
                lines.push(format!("  {}", indent(text, 2)));
            }
            SectionView::Comments { comments } => {
                lines.push(format!("Comments ({})", comments.len()));
                for comment in comments {
                    let at = comment
                        .at
                        .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
                        .unwrap_or_default();
                    lines.push(format!("  {} {at}", comment.author));
                    lines.push(format!("    {}", indent(&comment.text, 4)));
                }
            }
            SectionView::Silences { silences } => {
                lines.push(format!("Silences ({})", silences.len()));
                for silence in silences {
                    let until = silence
                        .ends_at
                        .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
                        .unwrap_or_default();
                    let matchers = silence.matchers.join(" ");
                    lines.push(format!(
                        "  {} {} until {until} by {}: {}",
                        crate::silences::state(&silence.state),
                        matchers,
                        silence.created_by,
                        silence.comment
                    ));
                }
            }
        }
    }
    lines
}

/// `qd history`.
pub async fn history(app: &App, id: &str, json: bool) -> Result<Exit, Failure> {
    let entity = app.entity(request(id)).await?;
    let notes = notes(app, id).await?;
    if json {
        let steps = entity.history.iter().map(|step| json!(step)).collect();
        let mut document = qd_api::document(&app.sources(None).await?, steps);
        document["notes"] = json!(notes);
        out::json(&document)?;
    } else {
        if let Some(gone) = gone(&entity) {
            say(&gone);
        }
        let rows: Vec<Vec<String>> = entity
            .history
            .iter()
            .map(|step| {
                let from = step.from.clone().unwrap_or_else(|| "—".to_owned());
                vec![
                    step.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                    from,
                    step.to.clone(),
                    step.raw.clone(),
                ]
            })
            .collect();
        out::table(&["SEEN", "FROM", "TO", "BACKEND'S WORD"], &rows)?;
        out::lines(crate::notes::section(&notes, app.now()))?;
    }
    Ok(Exit::Fine)
}

/// `qd log`.
pub async fn log(app: &App, id: &str, json: bool) -> Result<Exit, Failure> {
    let parsed: EntityId = id.parse().map_err(qd_api::ApiError::from)?;
    if !matches!(parsed.kind, Kind::Run | Kind::Deployment) {
        let kind = parsed.kind.as_str();
        let message =
            format!("'{id}' is of kind {kind}, which has no log; qd show {id} tells what is known of it");
        return Err(Failure { exit: Exit::Usage, message });
    }
    app.configure().await?;
    let log = app.log(request(id)).await?;
    if json {
        let sources = app.sources(None).await?;
        out::json(&qd_api::document(&sources, log.iter().map(|log| json!(log)).collect()))?;
        return Ok(Exit::Fine);
    }
    match log {
        Some(log) => {
            let step = log.step.map(|step| format!(" › {step}")).unwrap_or_default();
            say(&format!(
                "{}{step}{}",
                log.job,
                if log.truncated { " (the beginning is cut off)" } else { "" }
            ));
            out::lines(log.lines)?;
        }
        None => say("its backend has no log of it: nothing failed or runs, or the log was deleted"),
    }
    Ok(Exit::Fine)
}
