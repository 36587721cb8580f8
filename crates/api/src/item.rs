//! The JSON of the command line: `quarterdeck/v1`, with the domain's field names. Scripts depend on it.

use qd_connector::{Detail, Section};
use qd_model::{EntityId, HealthState, LinkKind, Silence};
use qd_rules::shown;
use serde_json::{Map, Value, json};

use crate::lapsed;
use crate::notes::NotesReq;
use crate::sources::{Sources, health};
use crate::view::{ConnectionView, EntityView, HealthView, ServiceRow, SilenceRow, SourceView};
use crate::{ApiError, App, Listed};

/// The envelope every `--json` answer has. A demo says so in it.
pub fn document(sources: &Sources, items: Vec<Value>) -> Value {
    let as_of = sources.as_of.unwrap_or(sources.now);
    let source = |source: &SourceView| {
        let mut item = json!(source);
        item["health"] = health_item(&source.health);
        item
    };
    let told: Vec<Value> = sources.views(None).iter().map(source).collect();
    let mut document = json!({ "schema": "quarterdeck/v1", "as_of": as_of, "sources": told, "items": items });
    if let Some(demo) = &sources.demo {
        // What is invented must not pass for real wherever the document ends up.
        document["demo"] = json!(demo);
    }
    document
}

/// Health: `state` is `stale` where the last poll went well but is too old to be drawn as current.
fn health_item(health: &HealthView) -> Value {
    let mut item = json!(health);
    if health.state == HealthState::Fresh.as_str() && !health.current {
        item["state"] = json!("stale");
    }
    item
}

/// A service: the window's row, where the number of its notes is called `note_count`, because `notes` are the notes themselves.
pub fn service_item(service: &ServiceRow) -> Value {
    let mut item = json!(service);
    if let Value::Object(fields) = &mut item {
        let count = fields.remove("notes").unwrap_or_default();
        fields.insert("note_count".to_owned(), count);
    }
    item
}

/// One entity: the fact's own fields, each observed word as ours and, beside it, as `raw_…`; and what all entities have.
/// `changed_at` is when we saw it change last, `updated_at` when its backend says it did. Of an alert `source` is the one that says the worst, `sources` all that tell of it. `notes`: what people wrote on it.
pub fn item(listed: &Listed, sources: &Sources) -> Value {
    let entity = &listed.entity;
    let fact = &entity.fact;
    let id = fact.id();
    let mut fields = match serde_json::to_value(lapsed::of_fact(fact, sources)).map(flatten) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let current = sources.current(&id.source);
    let health = sources.get(&id.source).map(|source| &source.report.health);
    let service = entity.links.service.as_ref();
    let common = json!({
        "id": id.to_string(),
        "source": id.source,
        "sources": listed.sources,
        "source_id": id.native,
        "status": shown(fact.signal().status, current && entity.gone_at.is_none()),
        "state_word": fact.state_word(),
        "raw_status": fact.raw_status(),
        "stale": !current,
        "fetched_at": health.and_then(|health| health.as_of),
        "service": service.map(|service| service.name.as_str()),
        "service_inferred": service.map(|service| service.inferred),
        "environment": entity.links.environment,
        "first_seen": entity.first_seen,
        "changed_at": entity.changed,
        "updated_at": fact.origin().changed_at,
        "gone_at": entity.gone_at,
        "notes": listed.notes,
    });
    if let Value::Object(common) = common {
        fields.extend(common);
    }
    if let qd_model::Fact::Alert(alert) = fact {
        let leads =
            |kind: LinkKind| alert.origin.links.iter().find(|link| link.kind == kind).map(|link| &link.url);
        fields.insert("runbook_url".to_owned(), json!(leads(LinkKind::Runbook)));
        fields.insert("generator_url".to_owned(), json!(leads(LinkKind::Generator)));
    }
    Value::Object(fields)
}

/// Everything known of one entity: its [`item`] with its history, what can be done with it, and what was.
fn whole(listed: &Listed, entity: &EntityView, sources: &Sources) -> Value {
    let mut whole = item(listed, sources);
    let step = |step: &crate::view::TransitionView| json!({ "at": step.at, "from": step.from, "to": step.to, "status": step.status, "raw_status": step.raw });
    whole["history"] = entity.history.iter().map(step).collect();
    whole["actions"] = json!(entity.actions);
    whole["actions_log"] = json!(entity.log);
    whole
}

/// What a backend told of one entity on demand, each part under its own name.
fn parts(detail: &Detail) -> Value {
    let mut parts = Map::new();
    for section in &detail.sections {
        let (name, values): (&str, Vec<Value>) = match section {
            Section::Fields { title, rows } => {
                let row = |(name, value): &(String, String)| json!({ "group": title, "name": name, "value": value });
                ("fields", rows.iter().map(row).collect())
            }
            Section::Jobs { jobs } => ("task_runs", jobs.iter().map(flat).collect()),
            Section::Body { title, text } => ("texts", vec![json!({ "name": title, "text": text })]),
            Section::Comments { comments } => ("comments", comments.iter().map(flat).collect()),
            Section::Silences { silences } => ("silences", silences.iter().map(flat).collect()),
        };
        if let Value::Array(all) = parts.entry(name).or_insert_with(|| json!([])) {
            all.extend(values);
        }
    }
    Value::Object(parts)
}

/// A silence: the domain's fields, its source, and what it does to the alerts there.
pub fn silence_item(row: &SilenceRow, silence: &Silence) -> Value {
    let mut item = flat(silence);
    item["source"] = json!(row.source);
    item["hits"] = json!(row.hits);
    item["marks"] = json!(row.marks);
    item["stale"] = json!(row.stale);
    item
}

impl App {
    /// Everything known of one entity, without asking its backend.
    ///
    /// # Errors
    /// It is not known, or the store failed.
    pub async fn entity_item(&self, entity: &EntityView, sources: &Sources) -> Result<Value, ApiError> {
        let id: EntityId = entity.row.id.parse()?;
        let siblings = entity.around.siblings.iter().map(|row| row.source.parse());
        let siblings = siblings.collect::<Result<Vec<_>, _>>()?;
        let listed = Listed {
            entity: self.find(&id, None).await?,
            notes: self.notes(NotesReq { subject: Some(id.to_string()), ..NotesReq::default() }).await?.notes,
            sources: [id.source].into_iter().chain(siblings).collect(),
        };
        Ok(whole(&listed, entity, sources))
    }

    /// Jobs, comments, silences of an entity, asked of its backend.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn detail_item(&self, id: &str) -> Result<Value, ApiError> {
        Ok(parts(&self.inner.engine.detail(&id.parse()?).await?))
    }

    /// What is wrong with a connection: what the file says of it, with its line, then the rest.
    pub fn connection_problems(&self, connection: &ConnectionView) -> Vec<String> {
        let about = format!("connection '{}': ", connection.draft.id);
        let told = self.config_problems();
        let told: Vec<(&str, Option<u32>)> = told
            .iter()
            .filter_map(|notice| Some((notice.message.strip_prefix(&about)?, notice.line)))
            .collect();
        let other = |problem: &&String| told.iter().all(|(text, _)| text != problem);
        let others = connection.problems.iter().filter(other).cloned();
        let placed = told.iter().map(|(text, line)| match line {
            Some(line) => format!("line {line}: {text}"),
            None => (*text).to_owned(),
        });
        placed.chain(others).collect()
    }

    /// A connection, with the words of the configuration.
    pub fn connection_item(&self, connection: &ConnectionView, sources: &Sources) -> Value {
        let draft = &connection.draft;
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.id.as_str() == draft.id);
        let source = entry.and_then(|entry| sources.get(&entry.id));
        json!({
            "id": draft.id,
            "backend": draft.backend,
            "url": draft.url,
            "credential": Some(&draft.credential).filter(|reference| !reference.is_empty()),
            "session_only": connection.session_only,
            "interval_secs": draft.interval_secs,
            "ca_file": draft.ca_file,
            "settings": entry.map(|entry| &entry.settings),
            "health": source.map(|source| health_item(&health(&source.report.health, sources.current(source.id())))),
            "problems": self.connection_problems(connection),
            "requests_last_hour": connection.requests_last_hour,
            "unchanged_last_hour": connection.unchanged_last_hour,
            "actions": connection.actions,
        })
    }
}

fn flat(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).map(deep).unwrap_or_default()
}

/// [`flatten`], in what is nested, too.
fn deep(value: Value) -> Value {
    match value {
        Value::Array(all) => all.into_iter().map(deep).collect(),
        Value::Object(fields) => flatten(
            fields
                .into_iter()
                .map(|(name, value)| match value {
                    Value::Array(_) => (name, deep(value)),
                    value => (name, value),
                })
                .collect(),
        ),
        value => value,
    }
}

/// Fields whose name in the code is not the domain's, where that is a word of the language or taken.
const DOMAIN: [(&str, &str); 4] =
    [("ticket_type", "type"), ("task_type", "type"), ("driver", "origin"), ("reference", "ref")];

/// Turns every `{ "state": word, "raw": text }` into the word, with the text beside it as `raw_NAME`.
fn flatten(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let mut out = Map::new();
    for (name, value) in fields {
        let ours = DOMAIN.iter().find(|(own, _)| *own == name);
        let name = ours.map_or(name, |(_, domain)| (*domain).to_owned());
        match value {
            Value::Object(mut pair)
                if pair.len() == 2 && pair.contains_key("state") && pair.contains_key("raw") =>
            {
                out.insert(format!("raw_{name}"), pair.remove("raw").unwrap_or_default());
                out.insert(name, pair.remove("state").unwrap_or_default());
            }
            other => {
                out.insert(name, other);
            }
        }
    }
    Value::Object(out)
}
