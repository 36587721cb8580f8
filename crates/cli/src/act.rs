//! Actions.

use std::collections::BTreeMap;
use std::time::Duration;

use qd_api::App;
use qd_api::commands::{ActionReq, ActionsReq, EntityReq, Nothing};
use qd_api::view::{
    ActionFormView, ActionOffer, ActionView, FormFieldView, PreviewView, Row, RowMore, TwinView,
};
use qd_model::{KeptBy, Target};
use serde_json::json;

use crate::choices::{CHOICES, chosen, unfit};
use crate::conn;
use crate::one::named;
use crate::out::{self, Exit, Failure, say};

/// What the person asked for.
pub struct Proposal {
    /// Entity or source.
    pub id: String,
    /// Verb; `None`: list them.
    pub verb: Option<String>,
    /// Arguments.
    pub set: Vec<(String, String)>,
    /// Idempotency key.
    pub key: Option<String>,
    /// Send nothing.
    pub preview: bool,
}

/// `qd act`.
pub async fn act(app: &App, proposal: Proposal, json: bool) -> Result<Exit, Failure> {
    app.configure().await?;
    let target: Target = proposal.id.parse().map_err(qd_api::ApiError::from)?;
    let Some(verb) = proposal.verb else { return offers(app, &target, json).await };
    if let (Some(key), false) = (&proposal.key, proposal.preview)
        && let Some(done) = app.done_before(&target, &verb, &proposal.set, key).await?
    {
        say("this was proposed under the same key before; nothing is sent again");
        return report(app, done, json).await;
    }
    let (form, args) = filled(app, &target, &verb, proposal.set).await?;
    let request =
        ActionReq { target: proposal.id, verb: verb.clone(), args, seen_seq: None, idempotency_key: None };
    let key =
        proposal.key.unwrap_or_else(|| format!("qd-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)));
    let sent = app.proposal(target.clone(), verb, request.args.clone(), None, key)?;
    if proposal.preview {
        // What would be refused whatever is added is refused by now: a preview of it would say that it can be sent.
        let lacks = app.lacks(&sent).await?;
        let exit = preview(app, &target, &form, request, json).await?;
        lacks.iter().for_each(|lacks| say(&format!("to be sent, {lacks}")));
        return Ok(exit);
    }
    app.check_proposal(&sent).await?;
    say(&hits(app, &target, &form, request).await?);
    let done = app.propose(sent).await?;
    let exit = report(app, done, json).await?;
    if exit == Exit::Fine {
        say(&seen(app, &target).await);
    }
    Ok(exit)
}

/// So long a source is read for what an action did there.
const READING: Duration = Duration::from_secs(10);

/// What can be seen of an action that was taken: a state changes only by observation, so the source is read once more.
async fn seen(app: &App, target: &Target) -> String {
    let source = target.source();
    if !app.read_again(source, READING).await {
        return format!("{source} could not be read yet; what it changed shows after qd sync");
    }
    match target.entity() {
        Some(id) => match app.entity(EntityReq { id: id.to_string(), as_of: None }).await {
            Ok(entity) => format!("{source} was read again: {id} is {}", entity.row.state),
            Err(_) => format!("{source} was read again: {id} is not there any more"),
        },
        None => format!("{source} was read again"),
    }
}

/// So long `qd` waits to learn what became of an action.
const PATIENCE: Duration = Duration::from_secs(11);

async fn report(app: &App, done: ActionView, json: bool) -> Result<Exit, Failure> {
    let done = match open(&done) {
        true => {
            let why = done.message.as_deref().map(|cause| format!(" ({cause})")).unwrap_or_default();
            let secs = PATIENCE.as_secs();
            say(&format!("no answer yet{why}; looking for up to {secs} s what became of it"));
            app.outcome_of(done, PATIENCE).await?
        }
        false => done,
    };
    if json {
        out::items(app, vec![json!(done)]).await?;
    } else {
        print(&done)?;
    }
    if open(&done) {
        say(&unknown(&done));
    }
    Ok(exit(&done))
}

/// Whether it is not known what became of it.
fn open(action: &ActionView) -> bool {
    action.outcome.as_deref().is_none_or(|outcome| outcome == "unknown")
}

/// What to do about an action of which nobody knows whether it happened.
fn unknown(action: &ActionView) -> String {
    let show =
        if action.target.contains('/') { format!(" or qd show {}", action.target) } else { String::new() };
    format!(
        "it may have happened: do not repeat it; qd sync looks again, and qd actions{show} tells once it is known"
    )
}

/// So many of what an action hits are named before it is sent.
const NAMED: usize = 3;

/// What an action hits, in one line: the entities its arguments select, else its target and what was chosen there.
async fn hits(
    app: &App,
    target: &Target,
    form: &ActionFormView,
    request: ActionReq,
) -> Result<String, Failure> {
    let verb = &form.offer.verb;
    if !form.offer.previews {
        let what = match target {
            Target::Entity(id) => {
                let entity = app.entity(EntityReq { id: id.to_string(), as_of: None }).await?;
                format!("{} ({id})", named(&entity.row))
            }
            Target::Source(id) => format!("{id} ({})", conn::find(app, id.as_str()).await?.draft.url),
        };
        return Ok(format!("{verb} hits {what}{}", chosen(&form.fields, &request.args)));
    }
    let preview = app.action_preview(request).await?;
    let named: Vec<String> = preview.rows.iter().take(NAMED).map(told_apart).collect();
    let more = (preview.count as usize).saturating_sub(named.len());
    let names = match (named.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(": {}", named.join(", ")),
        (false, more) => format!(": {} and {more} more", named.join(", ")),
    };
    let twin = twin(target, &preview).map(|twin| format!("\n{twin}")).unwrap_or_default();
    Ok(format!("{verb} hits {}{}{names}{twin}", preview.count, as_read(&preview)))
}

/// Of when the count of a preview is, when it is not of now.
fn as_read(preview: &PreviewView) -> String {
    let at = preview.as_of.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    at.map(|at| format!(", as read {at}")).unwrap_or_default()
}

/// A row's title, and what tells it from others of that title.
fn told_apart(row: &Row) -> String {
    match &row.more {
        RowMore::Alert { apart: Some(apart), .. } => format!("{} ({apart})", row.title),
        _ => row.title.clone(),
    }
}

/// That a silence with the same matchers is there already, and how to let that one end later instead.
fn twin(target: &Target, preview: &PreviewView) -> Option<String> {
    let TwinView { silence, extend } = preview.twin.as_ref()?;
    let until = silence.ends_at.map_or_else(
        || "for ever".to_owned(),
        |end| format!("until {}", end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
    );
    Some(format!(
        "an active silence with the same matchers holds {until}; to let it end later: qd act {} {extend} --set silence={}",
        target.source(),
        silence.id
    ))
}

async fn preview(
    app: &App,
    target: &Target,
    form: &ActionFormView,
    request: ActionReq,
    json: bool,
) -> Result<Exit, Failure> {
    if !form.offer.previews {
        let verb = request.verb.clone();
        let text = hits(app, target, form, request).await?;
        match json {
            true => out::items(app, vec![json!({ "target": target, "verb": verb, "hits": text })]).await?,
            false => out::lines([text])?,
        }
        return Ok(Exit::Fine);
    }
    let preview = app.action_preview(request).await?;
    if json {
        out::items(app, vec![json!(preview)]).await?;
    } else if preview.problem.is_none() {
        out::lines([format!("{} would be hit{}", preview.count, as_read(&preview))])?;
        out::lines(preview.rows.iter().map(|row| format!("  {}  {}", told_apart(row), row.id)))?;
    }
    twin(target, &preview).iter().for_each(|twin| say(twin));
    match preview.problem {
        Some(message) => Err(Failure { exit: Exit::Usage, message }),
        None => Ok(Exit::Fine),
    }
}

/// What the form proposes, overridden by what the person set: the same defaults as in the window.
async fn filled(
    app: &App,
    target: &Target,
    verb: &str,
    set: Vec<(String, String)>,
) -> Result<(ActionFormView, BTreeMap<String, String>), Failure> {
    let form = app.action_form(empty(target, verb)).await?;
    if let Some(message) = form.fields.iter().find_map(|field| unfit(verb, field, &set)) {
        return Err(Failure { exit: Exit::Usage, message });
    }
    let proposed = form.fields.iter().filter(|field| !field.value.is_empty());
    let mut args: BTreeMap<String, String> =
        proposed.map(|field| (field.key.clone(), field.value.clone())).collect();
    args.extend(set);
    Ok((form, args))
}

async fn offers(app: &App, target: &Target, json: bool) -> Result<Exit, Failure> {
    let all = app.connections(Nothing {}).await?;
    let connection = all.into_iter().find(|connection| connection.draft.id == target.source().as_str());
    let backend = connection.as_ref().map_or_else(|| "NAME".to_owned(), |found| found.draft.backend.clone());
    let offers: Vec<ActionOffer> = match target {
        Target::Entity(id) => app.entity(EntityReq { id: id.to_string(), as_of: None }).await?.actions,
        Target::Source(id) => match connection {
            Some(connection) => connection.actions,
            None => {
                let message = format!("there is no connection '{id}'; see qd conn list");
                return Err(Failure { exit: Exit::Error, message });
            }
        },
    };
    let fields = fields(app, target, &backend, &offers).await;
    if json {
        let item = |(offer, fields): (&ActionOffer, &Vec<FormFieldView>)| {
            let mut item = json!(offer);
            item["fields"] = json!(fields);
            item
        };
        out::items(app, offers.iter().zip(&fields).map(item).collect()).await?;
    } else if offers.is_empty() {
        say(&format!("nothing can be done with {target} in its state; all verbs: qd backend show {backend}"));
    } else {
        let rows: Vec<Vec<String>> = offers
            .iter()
            .map(|offer| vec![offer.verb.clone(), offer.label.clone(), offer.effect.clone()])
            .collect();
        out::table(&["VERB", "LABEL", "EFFECT"], &rows)?;
        out::lines(offers.iter().zip(&fields).flat_map(|(offer, fields)| arguments(offer, fields)))?;
        say(&format!("qd act {target} VERB --set KEY=VALUE; --preview tells first what would be hit"));
    }
    Ok(Exit::Fine)
}

/// The fields of each offer. Choices are asked of the backend; when it does not answer, they stay out.
async fn fields(
    app: &App,
    target: &Target,
    backend: &str,
    offers: &[ActionOffer],
) -> Vec<Vec<FormFieldView>> {
    let verbs = app.verbs(backend);
    let mut answers = true;
    let mut all = Vec::new();
    for offer in offers {
        let described = verbs.iter().find(|(verb, ..)| *verb == offer.verb);
        let mut fields = described.map(|(_, _, _, fields)| fields.clone()).unwrap_or_default();
        if answers && fields.iter().any(|field| field.kind == "choice") {
            match app.action_form(empty(target, &offer.verb)).await {
                Ok(form) => fields = form.fields,
                Err(_) => answers = false,
            }
        }
        all.push(fields);
    }
    all
}

/// What can be set for a verb, and from what can be chosen.
fn arguments(offer: &ActionOffer, fields: &[FormFieldView]) -> Vec<String> {
    if fields.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), offer.verb.clone()];
    for field in fields {
        lines.push(conn::field(field));
        lines.extend(field.choices.iter().take(CHOICES).map(|choice| match choice.value == choice.label {
            true => format!("    {}", choice.value),
            false => format!("    {}  {}", choice.value, choice.label),
        }));
        let more = field.choices.len().saturating_sub(CHOICES);
        lines.extend((more > 0).then(|| format!("    and {more} more")));
    }
    lines
}

/// A request that sets nothing.
fn empty(target: &Target, verb: &str) -> ActionReq {
    ActionReq {
        target: target.to_string(),
        verb: verb.to_owned(),
        args: BTreeMap::new(),
        seen_seq: None,
        idempotency_key: None,
    }
}

fn exit(action: &ActionView) -> Exit {
    match (action.outcome.as_deref(), action.kept_by) {
        (Some("accepted" | "already_done"), _) => Exit::Fine,
        (Some("unknown") | None, _) | (_, Some(KeptBy::Unreachable)) => Exit::Unreachable,
        (_, Some(KeptBy::SignIn)) => Exit::SignIn,
        _ => Exit::Error,
    }
}

/// So long others than who proposed an action look what became of it.
const GLANCE: Duration = Duration::from_secs(5);

/// What was done last with an entity. While its outcome is not known it is looked up, unless nobody may be asked.
pub async fn last(app: &App, id: &str, offline: bool) -> Result<Option<ActionView>, Failure> {
    let request = ActionsReq { target: Some(id.to_owned()), limit: Some(1) };
    Ok(match app.actions(request).await?.into_iter().next() {
        Some(done) if open(&done) && !offline => Some(app.outcome_of(done, GLANCE).await?),
        done => done,
    })
}

/// An action in one line.
pub fn told(action: &ActionView) -> String {
    let at = action.proposed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let outcome = action.outcome.as_deref().unwrap_or("unknown").replace('_', " ");
    let message = action.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    format!("Last action  {at}  {}  {}  {outcome}{message}", action.actor, action.verb)
}

fn print(action: &ActionView) -> Result<(), Failure> {
    let outcome = action.outcome.as_deref().unwrap_or("unknown").replace('_', " ");
    let message = action.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    out::lines([format!("{outcome}{message}")])
}

/// `qd actions`.
pub async fn actions(app: &App, limit: u32, json: bool) -> Result<Exit, Failure> {
    let log = app.actions(ActionsReq { target: None, limit: Some(limit) }).await?;
    if json {
        let sources = app.sources(None).await?;
        out::json(&qd_api::document(&sources, log.iter().map(|action| json!(action)).collect()))?;
    } else {
        let row = |action: &ActionView| {
            vec![
                action.proposed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                action.actor.clone(),
                action.verb.clone(),
                action.target.clone(),
                action.outcome.as_ref().unwrap_or(&action.state).replace('_', " "),
                action.message.clone().unwrap_or_default(),
            ]
        };
        out::table(
            &["WHEN", "WHO", "VERB", "TARGET", "OUTCOME", "MESSAGE"],
            &log.iter().map(row).collect::<Vec<_>>(),
        )?;
    }
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(outcome: Option<&str>, kept_by: Option<KeptBy>) -> ActionView {
        let at = qd_model::Clock::now(&qd_model::SystemClock);
        ActionView {
            key: "key-0001".to_owned(),
            target: "a/alert/1".to_owned(),
            verb: "silence".to_owned(),
            label: "Silence".to_owned(),
            state: "sent".to_owned(),
            outcome: outcome.map(str::to_owned),
            message: None,
            kept_by,
            undo: None,
            actor: "qd".to_owned(),
            proposed_at: at,
            settled_at: None,
        }
    }

    #[test]
    fn an_exit_code_tells_what_has_to_be_mended() {
        for (outcome, kept_by, expected) in [
            (Some("accepted"), None, Exit::Fine),
            (Some("refused"), None, Exit::Error),
            (Some("refused"), Some(KeptBy::SignIn), Exit::SignIn),
            (Some("refused"), Some(KeptBy::Unreachable), Exit::Unreachable),
            (Some("unknown"), None, Exit::Unreachable),
            (None, None, Exit::Unreachable),
        ] {
            assert_eq!(exit(&done(outcome, kept_by)), expected, "{outcome:?} {kept_by:?}");
        }
    }

    #[test]
    fn what_is_not_known_must_not_be_repeated() {
        let action = done(Some("unknown"), None);
        assert!(open(&action) && open(&done(None, None)) && !open(&done(Some("refused"), None)));
        assert_eq!(
            unknown(&action),
            "it may have happened: do not repeat it; qd sync looks again, and qd actions or qd show a/alert/1 tells once it is known"
        );
    }
}
