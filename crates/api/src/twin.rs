//! A silence that is there already when one with the same conditions is to be made.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use qd_connector::{ActionSpec, FieldKind};
use qd_model::{Silence, SilenceState, SourceId};

use crate::App;
use crate::lapsed::known;
use crate::rows::silence as silence_view;
use crate::view::TwinView;

/// Who fills in a form does not wait longer for it; what was read before answers then.
const PATIENCE: Duration = Duration::from_secs(2);

impl App {
    /// The silence that already holds by the conditions an action names; of several the one that holds longest. `None`: none
    /// is known, or the action makes none.
    pub(crate) async fn twin(
        &self,
        source: &SourceId,
        spec: &ActionSpec,
        args: &BTreeMap<String, String>,
    ) -> Option<TwinView> {
        let field = spec.args.iter().find(|field| field.kind == FieldKind::Matchers)?;
        let matchers = args.get(field.key)?;
        let extend = self.inner.engine.silence_verbs(source)?.extend;
        let read = tokio::time::timeout(PATIENCE, self.read_silences(source, false)).await;
        let read = read.map_or_else(|_| self.kept_silences(source), |(read, _)| read)?;
        let same = |silence: &Silence| self.inner.engine.same_silence(source, silence, matchers);
        let longest = longest(read.silences.iter().filter(|silence| same(silence)), read.at, self.now())?;
        Some(TwinView { silence: silence_view(&longest), extend: extend.to_owned() })
    }
}

/// Of the silences that hold, the one that holds longest; one without an end holds for ever.
fn longest<'a>(
    silences: impl Iterator<Item = &'a Silence>,
    read: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Silence> {
    let known = silences.map(|silence| known(silence, Some(read), now));
    let hold = known.filter(|silence| silence.state == SilenceState::Active);
    hold.max_by_key(|silence| (silence.ends_at.is_none(), silence.ends_at))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn check(silences: &[(&str, SilenceState, Option<i64>)], expected: Option<&str>) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let silence = |(id, state, minutes): &(&str, SilenceState, Option<i64>)| Silence {
            id: (*id).to_owned(),
            matchers: Vec::new(),
            starts_at: None,
            ends_at: minutes.map(|minutes| now + TimeDelta::minutes(minutes)),
            created_by: String::new(),
            comment: String::new(),
            state: *state,
        };
        let silences: Vec<Silence> = silences.iter().map(silence).collect();
        let found = longest(silences.iter(), now - TimeDelta::minutes(10), now);
        assert_eq!(found.as_ref().map(|silence| silence.id.as_str()), expected);
    }

    #[test]
    fn of_the_silences_that_hold_the_longest_is_told() {
        use SilenceState::{Active, Expired, Pending};
        check(&[("a", Active, Some(5)), ("b", Active, Some(50)), ("c", Expired, Some(-1))], Some("b"));
        check(&[("a", Active, None), ("b", Active, Some(50))], Some("a"));
        check(&[("a", Pending, Some(5)), ("b", Expired, Some(-5))], None);
        check(&[("a", Active, Some(-5))], None);
        check(&[], None);
    }
}
