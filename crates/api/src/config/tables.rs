//! Values of settings: from TOML to JSON, and small tables as people type them.

use qd_connector::{FieldKind, FieldSpec};
use serde_json::Value as Json;
use toml_edit::{Document, Item, Value};

use super::edit::value;

/// The key that a word of the file stands for: the word itself unless it is an alias.
pub(super) fn key_of<'a>(aliases: &[(&str, &'a str)], word: &'a str) -> &'a str {
    aliases.iter().find(|(alias, _)| *alias == word).map_or(word, |(_, key)| *key)
}

/// The value of a setting. A single table counts as a list of one.
pub(super) fn of_field(field: &FieldSpec, item: &Item) -> Json {
    match json(item) {
        one @ Json::Object(_) if field.kind == FieldKind::Tables => Json::Array(vec![one]),
        value => value,
    }
}

/// Reads tables as a person types them: `{ key = "value" }`, one or several, one a line or in a list; JSON too.
///
/// # Errors
/// Names the field and shows one.
pub(super) fn read(field: &FieldSpec, text: &str) -> Result<Json, String> {
    let lines: Vec<&str> =
        text.lines().map(|line| line.trim().trim_end_matches(',')).filter(|line| !line.is_empty()).collect();
    let listed = format!("[{}]", lines.join(",\n"));
    let found =
        [text, &listed].into_iter().find_map(|text| serde_json::from_str(text).ok().or_else(|| toml(text)));
    match found {
        Some(one @ Json::Object(_)) => Ok(Json::Array(vec![one])),
        Some(Json::Array(items)) if items.iter().all(Json::is_object) => Ok(Json::Array(items)),
        _ => Err(format!(
            "“{}” cannot be read. Write one a line, for example: {}",
            field.label,
            example(field)
        )),
    }
}

/// Writes tables so that [`read`] reads them. `None`: it is no list of tables.
pub(super) fn write(json: &Json) -> Option<String> {
    let items = json.as_array().filter(|items| !items.is_empty() && items.iter().all(Json::is_object))?;
    let lines: Option<Vec<String>> = items.iter().map(|item| Some(value(item)?.to_string())).collect();
    Some(lines?.join("\n"))
}

/// The table that the help shows.
fn example(field: &FieldSpec) -> &'static str {
    let shown = field.help.find('{').zip(field.help.find('}'));
    shown.and_then(|(from, to)| field.help.get(from..=to)).unwrap_or("{ key = \"value\" }")
}

/// A TOML value by itself.
fn toml(text: &str) -> Option<Json> {
    let document = Document::parse(format!("value = {text}")).ok()?;
    let table = document.as_table();
    table.get("value").filter(|_| table.len() == 1).map(json)
}

fn json(item: &Item) -> Json {
    match item {
        Item::Value(value) => json_value(value),
        Item::Table(table) => {
            Json::Object(table.iter().map(|(key, item)| (key.to_owned(), json(item))).collect())
        }
        Item::ArrayOfTables(array) => {
            let table = |table: &toml_edit::Table| {
                Json::Object(table.iter().map(|(k, i)| (k.to_owned(), json(i))).collect())
            };
            Json::Array(array.iter().map(table).collect())
        }
        Item::None => Json::Null,
    }
}

fn json_value(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Float(number) => Json::from(*number.value()),
        Value::Boolean(flag) => Json::from(*flag.value()),
        Value::Datetime(time) => Json::from(time.value().to_string()),
        Value::Array(array) => Json::Array(array.iter().map(json_value).collect()),
        Value::InlineTable(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.to_owned(), json_value(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use qd_connector::Descriptor;
    use qd_connector::testkit::{Described, descriptor};
    use serde_json::json;

    use super::*;
    use crate::config::{from_draft, parse, to_draft};
    use crate::view::ConnectionDraft;

    static DESCRIPTOR: Descriptor = Descriptor {
        default_url: None,
        settings: &[FieldSpec {
            key: "deployments",
            label: "Builders that deploy",
            help: "One a line: { builder = \"ship\" }; more.",
            kind: FieldKind::Tables,
            required: false,
        }],
        ..descriptor("ci", &[])
    };
    static CI: Described = Described { descriptor: &DESCRIPTOR, aliases: &[("deploy", "deployments")] };

    const ONE: &str = "{ builder = \"deploy-production\", environment = \"production\", service = \"shop\" }";

    fn one() -> Json {
        json!({ "builder": "deploy-production", "environment": "production", "service": "shop" })
    }

    #[test]
    fn one_table_or_several_are_read_under_either_name() {
        #[track_caller]
        fn check(lines: &str, expected: &Json, told: &[&str]) {
            let head = "[[connection]]\nid = \"ci\"\nbackend = \"ci\"\nurl = \"https://ci.example.org\"\n";
            let (config, problems) =
                parse(&format!("{head}[connection.settings]\n{lines}"), &[&CI]).expect("it is TOML");
            assert_eq!(config.connections[0].settings.get("deployments"), Some(expected), "{lines}");
            assert_eq!(config.connections[0].settings.len(), 1, "it is kept under its own name: {lines}");
            let problems: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            assert_eq!(problems, told, "{lines}");
        }
        let (one, two) = (json!([one()]), json!([one(), { "builder": "b" }]));
        check(&format!("deploy = {ONE}"), &one, &[]);
        check(&format!("deployments = {ONE}"), &one, &[]);
        check(&format!("deploy = [{ONE}]"), &one, &[]);
        check(&format!("deployments = [{ONE}, {{ builder = \"b\" }}]"), &two, &[]);
        check("[connection.settings.deploy]\nbuilder = \"b\"", &json!([{ "builder": "b" }]), &[]);
        check("[[connection.settings.deploy]]\nbuilder = \"b\"", &json!([{ "builder": "b" }]), &[]);
        let twice = "'deployments' is given twice, also by its other name; write it once";
        check(&format!("deploy = {ONE}\ndeployments = []"), &one, &[twice]);
    }

    fn draft(key: &str, text: &str) -> ConnectionDraft {
        ConnectionDraft {
            id: "ci".to_owned(),
            backend: "ci".to_owned(),
            url: "https://ci.example.org".to_owned(),
            credential: "none".to_owned(),
            interval_secs: None,
            ca_file: None,
            settings: BTreeMap::from([(key.to_owned(), text.to_owned())]),
        }
    }

    #[test]
    fn a_form_takes_what_its_help_shows_and_writes_it_so() {
        #[track_caller]
        fn check(text: &str, expected: &Json) {
            for key in ["deployments", "deploy"] {
                let entry = from_draft(&draft(key, text), &CI).expect(text);
                assert_eq!(entry.settings.get("deployments"), Some(expected), "{text}");
                let again = from_draft(&to_draft(&entry), &CI).expect("what is written can be read");
                assert_eq!(again, entry, "{text}");
            }
        }
        let (one, two) = (json!([one()]), json!([one(), one()]));
        check(ONE, &one);
        check(&format!("  {ONE},\n"), &one);
        check(&format!("{ONE}\n\n{ONE}"), &two);
        check(&format!("{ONE}, {ONE}"), &two);
        check(&format!("[\n  {ONE},\n  {ONE},\n]"), &two);
        check(&one[0].to_string(), &one);
        check(&two.to_string(), &two);
        check(&format!("{}\n{}", one[0], one[0]), &two);
        assert_eq!(write(&one).as_deref(), Some(ONE), "the form shows what its help shows");
    }

    #[test]
    fn what_is_no_table_is_told_with_an_example() {
        let told =
            "“Builders that deploy” cannot be read. Write one a line, for example: { builder = \"ship\" }";
        for text in
            ["ship", "{ builder = ship }", "{", "[1]", "{ a = 1 }\nb = 2", "\"x\"", "{}]\nvalue = [{}"]
        {
            assert_eq!(from_draft(&draft("deployments", text), &CI).unwrap_err(), told, "{text}");
        }
    }
}
