//! What may not be done, and why: decided before anything is written down or sent.

use qd_connector::{ActionSpec, Aim, Backend, FieldSpec, offered};
use qd_model::{ActionRecord, Fact, Target, meant_or};
use qd_store::Entity;

use crate::act::ActRequest;
use crate::source::Source;

/// Why an action was not even written down. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum ActRefusal {
    /// No such connection.
    #[error("there is no connection '{0}'")]
    UnknownSource(String),
    /// No such entity.
    #[error("'{0}' is not known; list what there is, or poll first")]
    UnknownEntity(String),
    /// The backend has no such verb for this target.
    #[error("'{verb}' cannot be done with {target}; possible: {possible}")]
    UnknownVerb {
        /// As asked.
        verb: String,
        /// As asked.
        target: String,
        /// The verbs it has.
        possible: String,
    },
    /// The verb makes no sense for the entity as it is known now.
    #[error("'{verb}' is not offered for {target} as it is now ({state}); offered are: {offered}")]
    NotOffered {
        /// As asked.
        verb: String,
        /// As asked.
        target: String,
        /// Its state word.
        state: String,
        /// The verbs that are offered.
        offered: String,
    },
    /// The key belongs to another action.
    #[error(
        "the idempotency key was used for another action already ({before}); nothing was sent, take a new key"
    )]
    KeyTaken {
        /// The other action, as far as it is known.
        before: String,
    },
    /// The entity changed since the person saw it.
    #[error("it changed since you saw it; look again before you act")]
    StaleView,
    /// The source cannot take actions now.
    #[error("{source_id} cannot be asked now ({state}); nothing is queued")]
    NotReady {
        /// Which source.
        source_id: String,
        /// Its health.
        state: &'static str,
    },
    /// The action was not accepted, or nothing takes it back.
    #[error("that cannot be undone")]
    NoUndo,
    /// An argument is missing or unknown.
    #[error("{0}")]
    BadArgument(String),
    /// The log could not be written, so nothing may be sent.
    #[error(transparent)]
    Store(#[from] qd_store::StoreError),
}

/// Whether an action can be done with an entity as it is known now.
///
/// # Errors
/// [`ActRefusal::NotOffered`] names the actions that can.
pub fn check_offered(
    backend: &dyn Backend,
    spec: &ActionSpec,
    target: &Target,
    fact: &Fact,
) -> Result<(), ActRefusal> {
    let offered = offered(backend, target, Some(fact));
    if offered.iter().any(|other| other.verb == spec.verb) {
        return Ok(());
    }
    Err(ActRefusal::NotOffered {
        verb: spec.verb.to_owned(),
        target: target.to_string(),
        state: fact.state_word().to_owned(),
        offered: listed(&offered),
    })
}

/// The same action again: what became of it. Another one under its key is a mistake that must not pass for done.
pub(crate) fn same(record: ActionRecord, verb: &str, equal_args: bool) -> Result<ActionRecord, ActRefusal> {
    let before = match (record.verb == verb, equal_args) {
        (true, true) => return Ok(record),
        (true, false) => format!("'{verb}' with other arguments"),
        (false, _) => format!("'{}'", record.verb),
    };
    Err(ActRefusal::KeyTaken { before })
}

fn listed(specs: &[&ActionSpec]) -> String {
    match specs {
        [] => "none".to_owned(),
        specs => specs.iter().map(|spec| spec.verb).collect::<Vec<_>>().join(", "),
    }
}

fn verbs(source: &Source, target: &Target) -> Vec<&'static ActionSpec> {
    let aim = Aim::of(target);
    source.spec.backend.descriptor().actions.iter().filter(|spec| spec.aim == aim).collect()
}

/// The action of that verb.
pub(crate) fn verb(
    source: &Source,
    target: &Target,
    wanted: &str,
) -> Result<&'static ActionSpec, ActRefusal> {
    let all = verbs(source, target);
    all.iter().find(|spec| spec.verb == wanted).copied().ok_or_else(|| ActRefusal::UnknownVerb {
        verb: wanted.to_owned(),
        target: target.to_string(),
        possible: listed(&all),
    })
}

/// Whether a proposal may be written down, once it has what it needs.
pub(crate) fn permitted(
    source: &Source,
    spec: &ActionSpec,
    entity: Option<&Entity>,
    request: &ActRequest,
) -> Result<(), ActRefusal> {
    if let Some(entity) = entity {
        if request.seen_seq.is_some_and(|seen| entity.seq > seen) {
            return Err(ActRefusal::StaleView);
        }
        check_offered(source.spec.backend, spec, &request.target, &entity.fact)?;
    }
    for key in request.args.keys() {
        if !spec.args.iter().any(|field| field.key == key) {
            let known: Vec<&str> = spec.args.iter().map(|field| field.key).collect();
            let problem = format!("'{}' takes no '{key}'; {}", spec.verb, meant_or(key, &known, "it takes"));
            return Err(ActRefusal::BadArgument(problem));
        }
    }
    Ok(())
}

/// What a proposal needs and does not have.
pub(crate) fn missing<'a>(
    spec: &'a ActionSpec,
    request: &'a ActRequest,
) -> impl Iterator<Item = &'static FieldSpec> + 'a {
    let empty = |field: &&FieldSpec| request.args.get(field.key).is_none_or(|value| value.trim().is_empty());
    spec.args.iter().filter(|field| field.required).filter(empty)
}

/// That it needs all of that.
pub(crate) fn needs(spec: &ActionSpec, missing: &[&FieldSpec]) -> Option<String> {
    let named: Vec<String> =
        missing.iter().map(|field| format!("'{}' ({})", field.key, field.label)).collect();
    (!named.is_empty()).then(|| format!("'{}' needs {}", spec.verb, named.join(" and ")))
}

#[cfg(test)]
mod tests {
    use qd_connector::http::Auth;
    use qd_connector::testkit::descriptor;
    use qd_connector::{Connection, Descriptor, Risk, Secret, Settings, SettingsError};
    use qd_model::{AlertState, Kind};
    use qd_store::testkit::sample::alert;

    use super::*;

    const fn spec(verb: &'static str, when: &'static [&'static str]) -> ActionSpec {
        ActionSpec {
            verb,
            label: verb,
            aim: Aim::Entity(Kind::Alert),
            when,
            risk: Risk::Undoable,
            effect: "",
            args: &[],
            previews: false,
        }
    }

    static ACTIONS: &[ActionSpec] =
        &[spec("silence", &[]), spec("expire", &["suppressed"]), spec("wake", &["firing"])];
    static DESCRIPTOR: Descriptor = Descriptor { actions: ACTIONS, ..descriptor("bells", &[Kind::Alert]) };

    /// Expires only what a silence holds.
    struct Bells;

    impl Backend for Bells {
        fn descriptor(&self) -> &'static Descriptor {
            &DESCRIPTOR
        }
        fn connect(&self, _: Settings) -> Result<Box<dyn Connection>, SettingsError> {
            Err(SettingsError { field: "url".into(), problem: "only described".into() })
        }
        fn auth(&self, _: Option<Secret>) -> Result<Auth, SettingsError> {
            Ok(Auth::None)
        }
        fn offers(&self, verb: &str, fact: &Fact) -> bool {
            verb != "expire" || matches!(fact, Fact::Alert(alert) if !alert.silenced_by.is_empty())
        }
    }

    #[test]
    fn what_is_not_offered_is_refused_with_what_is() {
        #[track_caller]
        fn check(verb: usize, state: AlertState, refused: Option<&str>) {
            let fact = Fact::Alert(alert("1", state, None));
            let target = Target::Entity(fact.id().clone());
            let told = check_offered(&Bells, &ACTIONS[verb], &target, &fact).map_err(|told| told.to_string());
            let expected = refused.map(|rest| {
                format!("'{}' is not offered for {target} as it is now {rest}", ACTIONS[verb].verb)
            });
            assert_eq!(told.err(), expected);
        }
        check(0, AlertState::Firing, None);
        check(2, AlertState::Firing, None);
        check(2, AlertState::Suppressed, Some("(suppressed); offered are: silence"));
        check(1, AlertState::Suppressed, Some("(suppressed); offered are: silence"));
        check(1, AlertState::Firing, Some("(firing); offered are: silence, wake"));
    }
}
