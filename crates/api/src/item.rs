//! The JSON of the command line: `quarterdeck/v1`, with the domain's field names. Scripts depend on it.

use qd_rules::shown;
use qd_store::Entity;
use serde_json::{Map, Value, json};

use crate::sources::Sources;

/// The envelope every `--json` answer has. A demo says so in it.
pub fn document(sources: &Sources, items: Vec<Value>) -> Value {
    let as_of = sources.as_of.unwrap_or(sources.now);
    let mut document =
        json!({ "schema": "quarterdeck/v1", "as_of": as_of, "sources": sources.views(None), "items": items });
    if let Some(demo) = &sources.demo {
        // What is invented must not pass for real wherever the document ends up.
        document["demo"] = json!(demo);
    }
    document
}

/// One entity: the fact's own fields, each observed word as ours and, beside it, as `raw_…`; and what all entities have.
pub fn item(entity: &Entity, sources: &Sources) -> Value {
    let fact = &entity.fact;
    let id = fact.id();
    let mut fields = match serde_json::to_value(fact).map(flatten) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let current = sources.current(&id.source);
    let health = sources.get(&id.source).map(|source| &source.report.health);
    let service = entity.links.service.as_ref();
    let common = json!({
        "id": id.to_string(),
        "source": id.source,
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
        "changed": entity.changed,
        "gone_at": entity.gone_at,
    });
    if let Value::Object(common) = common {
        fields.extend(common);
    }
    Value::Object(fields)
}

/// Turns every `{ "state": word, "raw": text }` into the word, with the text beside it as `raw_NAME`.
fn flatten(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let mut out = Map::new();
    for (name, value) in fields {
        let name = if name == "ticket_type" { "type".to_owned() } else { name };
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
