//! Alertmanager's words into ours. Pure.

use std::collections::{BTreeMap, HashMap};

use qd_model::{
    Alert, AlertState, EntityId, Fact, Kind, Link, LinkKind, Matcher, Observed, Origin, Severity, Silence,
    SilenceState, SourceId,
};
use url::Url;

use crate::{matcher, wire};

/// Annotations longer than this are cut: they are prose for people.
const LONGEST_ANNOTATION: usize = 16 * 1024;
/// Longer addresses are not opened by the shell.
const LONGEST_URL: usize = 2048;

/// One alert. `ui` is the address of the web pages, `silences` are all that the backend showed, by id.
pub fn alert(
    source: &SourceId,
    ui: &Url,
    alert: wire::Alert,
    silences: &HashMap<&str, &wire::Silence>,
) -> Fact {
    let mut origin = Origin::new(EntityId::new(source, Kind::Alert, &alert.fingerprint));
    origin.url = page(ui, &alert.labels);
    origin.links = links(&alert);
    // `updatedAt` is left out on purpose: it moves with every repetition of the alert (once a minute), not with changes.
    let held = alert
        .status
        .silenced_by
        .iter()
        .map(|id| silences.get(id.as_str()).map_or_else(|| only_id(id), |it| silence(it)));
    Fact::Alert(Alert {
        name: name(&alert),
        severity: severity(&alert.labels),
        state: Observed::new(state(&alert.status), &alert.status.state),
        starts_at: alert.starts_at,
        // `endsAt` of an alert that is listed is a deadline for its next repetition, so it tells no end.
        ends_at: None,
        silenced_by: held.collect(),
        inhibited_by: alert.status.inhibited_by,
        receivers: alert.receivers.into_iter().map(|receiver| receiver.name).collect(),
        count: 1,
        annotations: alert.annotations.into_iter().map(|(name, text)| (name, clip(text))).collect(),
        labels: alert.labels,
        fingerprint: alert.fingerprint,
        origin,
    })
}

/// Maps Alertmanager's states. `unprocessed` fires: the alert has arrived and nobody has judged yet whether a silence
/// holds it; taking it for anything less would hide a new alert for a moment.
fn state(status: &wire::AlertStatus) -> AlertState {
    match status.state.as_str() {
        "active" | "unprocessed" => AlertState::Firing,
        "suppressed" => AlertState::Suppressed,
        _ => AlertState::Unknown,
    }
}

/// The `severity` label; without one, what some rule sets use instead.
fn severity(labels: &BTreeMap<String, String>) -> Observed<Severity> {
    let word = ["severity", "priority", "level"].iter().find_map(|key| labels.get(*key));
    word.map_or_else(
        || Observed::new(Severity::Unknown, ""),
        |word| Observed::new(Severity::from_word(word), word),
    )
}

/// Never empty: `alertname` may be missing, the fingerprint is not.
fn name(alert: &wire::Alert) -> String {
    let named = alert.labels.get("alertname").filter(|name| !name.trim().is_empty());
    named.cloned().unwrap_or_else(|| format!("alert {}", alert.fingerprint))
}

/// One silence.
pub fn silence(silence: &wire::Silence) -> Silence {
    Silence {
        id: silence.id.clone(),
        matchers: silence.matchers.iter().map(matcher_of).collect(),
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        created_by: silence.created_by.clone(),
        comment: silence.comment.clone(),
        state: match silence.status.state.as_str() {
            "active" => SilenceState::Active,
            "pending" => SilenceState::Pending,
            "expired" => SilenceState::Expired,
            _ => SilenceState::Unknown,
        },
    }
}

fn matcher_of(matcher: &wire::Matcher) -> Matcher {
    Matcher {
        name: matcher.name.clone(),
        value: matcher.value.clone(),
        is_regex: matcher.is_regex,
        is_equal: matcher.is_equal,
    }
}

/// Our matcher on the wire.
pub fn matcher_to_wire(matcher: &Matcher) -> wire::Matcher {
    wire::Matcher {
        name: matcher.name.clone(),
        value: matcher.value.clone(),
        is_regex: matcher.is_regex,
        is_equal: matcher.is_equal,
    }
}

/// A silence that is named by an alert and was not listed.
fn only_id(id: &str) -> Silence {
    Silence {
        id: id.to_owned(),
        matchers: Vec::new(),
        starts_at: None,
        ends_at: None,
        created_by: String::new(),
        comment: String::new(),
        state: SilenceState::Unknown,
    }
}

/// The page that shows this alert alone. With many or long labels the address would be too long to open; then the
/// page shows all alerts of that name.
fn page(ui: &Url, labels: &BTreeMap<String, String>) -> Option<String> {
    let address = |labels: &BTreeMap<String, String>| {
        let filter = format!("{{{}}}", matcher::of_labels(labels).replace('\n', ", "));
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        // The page's own decoder reads `+` as a plus sign.
        let filter = filter.replace('+', "%20");
        let base = ui.as_str().trim_end_matches('/');
        // Without the flags the page hides alerts that are silenced or inhibited.
        format!("{base}/#/alerts?silenced=true&inhibited=true&muted=true&active=true&filter={filter}")
    };
    let fits = |address: &String| address.len() <= LONGEST_URL;
    Some(address(labels)).filter(fits).or_else(|| {
        let named = labels.get_key_value("alertname").map(|(name, value)| (name.clone(), value.clone()));
        named.map(|named| address(&BTreeMap::from([named]))).filter(fits)
    })
}

fn links(alert: &wire::Alert) -> Vec<Link> {
    let annotated = |kind, keys: &[&str]| {
        let found = keys.iter().find_map(|key| alert.annotations.get(*key).filter(|text| is_address(text)));
        found.map(|url| Link { kind, url: url.trim().to_owned() })
    };
    let generator = alert.generator_url.as_ref().filter(|url| is_address(url));
    [
        annotated(LinkKind::Runbook, &["runbook_url", "runbook"]),
        annotated(LinkKind::Dashboard, &["dashboard_url", "dashboard", "grafana_url"]),
        generator.map(|url| Link { kind: LinkKind::Generator, url: url.clone() }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Annotations such as `runbook` often hold prose instead of an address.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.len() <= LONGEST_URL
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn clip(text: String) -> String {
    if text.len() <= LONGEST_ANNOTATION {
        return text;
    }
    let end = (0..=LONGEST_ANNOTATION).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{} … (truncated)", &text[..end])
}
