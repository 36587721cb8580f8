//! Everything known of one entity.

use qd_connector::{ActionSpec, Aim, FieldKind, FieldSpec, Risk, offered};
use qd_model::{EntityId, Fact, HealthState, Kind, LinkKind, Target, Tier};
use qd_store::{ActionsQuery, Entity};

use crate::commands::{EntityReq, OpenLinkReq};
use crate::plain::{line, plain};
use crate::prose::links::origin;
use crate::rows::{row, transition};
use crate::sources::Sources;
use crate::view::{ActionOffer, Done, EntityView, FieldView, LinkAddress, LinkView};
use crate::{ApiError, App, checked_link};

impl App {
    /// Everything known of one entity without asking its backend.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn entity(&self, request: EntityReq) -> Result<EntityView, ApiError> {
        let id: EntityId = request.id.parse()?;
        let entity = self.find(&id, request.as_of).await?;
        let sources = self.sources(request.as_of).await?;
        let store = &self.inner.parts.store;
        let target = Target::Entity(id.clone());
        let log = store
            .actions(&ActionsQuery { target: Some(target.clone()), unsettled: false, limit: 20 })
            .await?;
        let actions = match request.as_of {
            None => self.offers(&target, Some(&entity), &sources),
            Some(_) => Vec::new(),
        };
        Ok(EntityView {
            row: row(&entity, &sources, &self.beside(request.as_of).await?),
            fields: fields(&entity),
            links: self.links(&entity.fact),
            history: store.history(&id).await?.iter().map(transition).collect(),
            actions,
            log: log.iter().map(|record| self.action_view(record)).collect(),
            has_log: has_log(&entity.fact),
            around: self.around(&entity, &sources, request.as_of).await?,
        })
    }

    /// Opens a link of an entity in the browser, after checking it.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn open_link(&self, request: OpenLinkReq) -> Result<Done, ApiError> {
        let address = self.address(&request).await?;
        self.open_address(&address)
    }

    /// The address of a link of an entity, to be copied; checked as if it were opened.
    ///
    /// # Errors
    /// [`ApiError`], which says what to do next.
    pub async fn link_address(&self, request: OpenLinkReq) -> Result<LinkAddress, ApiError> {
        let address = self.address(&request).await?;
        Ok(LinkAddress { url: self.checked(&address)?.to_string() })
    }

    /// Opens an address of a backend in the browser, when it passes the check.
    pub(crate) fn open_address(&self, address: &str) -> Result<Done, ApiError> {
        let url = self.checked(address)?;
        self.inner.parts.opener.open(&url).map_err(|error| ApiError::new("refused", error))?;
        Ok(Done { message: format!("opened {}", origin(&url)) })
    }

    fn checked(&self, address: &str) -> Result<url::Url, ApiError> {
        checked_link(address, &self.own_addresses())
            .map_err(|refusal| ApiError::new("refused", format!("Not opened: {refusal}.")))
    }

    async fn address(&self, request: &OpenLinkReq) -> Result<String, ApiError> {
        let entity = self.find(&request.id.parse()?, None).await?;
        let found = addresses(&entity.fact).into_iter().nth(request.index as usize);
        found
            .map(|(_, address)| address)
            .ok_or_else(|| ApiError::new("not_found", "This entity has no such link."))
    }

    /// An entity, or an error that says it is not known.
    pub(crate) async fn find(
        &self,
        id: &EntityId,
        as_of: Option<chrono::DateTime<chrono::Utc>>,
    ) -> Result<Entity, ApiError> {
        let found = self.inner.parts.store.get(id, as_of).await?;
        found.ok_or_else(|| ApiError::new("not_found", format!("“{}” is not known.", line(&id.to_string()))))
    }

    /// What can be done with a target now.
    pub(crate) fn offers(
        &self,
        target: &Target,
        entity: Option<&Entity>,
        sources: &Sources,
    ) -> Vec<ActionOffer> {
        let Some(source) = sources.get(target.source()) else { return Vec::new() };
        let blocked = blocked(&source.report.health.state);
        let production = entity.is_some_and(changes_production);
        let offered = offered(source.backend, target, entity.map(|entity| &entity.fact));
        offered.into_iter().map(|spec| offer(spec, production, blocked.clone())).collect()
    }

    fn links(&self, fact: &Fact) -> Vec<LinkView> {
        let own = self.own_addresses();
        let view = |(index, (kind, address)): (usize, &(&'static str, String))| {
            let checked = checked_link(address, &own);
            let refused = checked.as_ref().err().map(ToString::to_string);
            let host =
                checked.ok().or_else(|| url::Url::parse(address).ok()).map_or_else(String::new, |url| {
                    match url.origin() {
                        origin if origin.is_tuple() => origin.ascii_serialization(),
                        _ => format!("{}:", url.scheme()),
                    }
                });
            LinkView { index: index as u32, kind: (*kind).to_owned(), host: line(&host), refused }
        };
        addresses(fact).iter().enumerate().map(view).collect()
    }

    /// The addresses of the configured connections: their hosts may be visited by plain http.
    pub(crate) fn own_addresses(&self) -> Vec<url::Url> {
        self.entries().into_iter().map(|entry| entry.url).collect()
    }
}

/// Why nothing can be asked of a source now.
fn blocked(state: &HealthState) -> Option<String> {
    match state {
        HealthState::NeedsSignIn { .. } => Some("needs_sign_in".to_owned()),
        HealthState::Unreachable { .. } => Some("unreachable".to_owned()),
        HealthState::Throttled { .. } => Some("throttled".to_owned()),
        HealthState::Misconfigured { .. } => Some("misconfigured".to_owned()),
        HealthState::Paused => Some("paused".to_owned()),
        HealthState::New
        | HealthState::Fresh
        | HealthState::Forbidden { .. }
        | HealthState::Unexpected { .. } => None,
    }
}

/// Whether what is done to it is done to production: a deployment there, or a run that works on it.
pub(crate) fn changes_production(entity: &Entity) -> bool {
    let environment = entity.links.environment.as_deref();
    match entity.fact.kind() {
        Kind::Run | Kind::Deployment => environment.is_some_and(|name| Tier::infer(name) == Tier::Production),
        Kind::Alert | Kind::Ticket => false,
    }
}

/// An action as it is offered.
pub(crate) fn offer(spec: &ActionSpec, production: bool, disabled: Option<String>) -> ActionOffer {
    let risk = match spec.risk {
        Risk::Undoable => "undoable",
        Risk::Visible if !production => "visible",
        Risk::Visible | Risk::Production => "production",
    };
    let one_by_one = |field: &FieldSpec| field.required && field.kind == FieldKind::Choice;
    ActionOffer {
        verb: spec.verb.to_owned(),
        label: spec.label.to_owned(),
        risk: risk.to_owned(),
        effect: spec.effect.to_owned(),
        has_form: !spec.args.is_empty(),
        previews: spec.previews,
        bulk: matches!(spec.aim, Aim::Entity(_)) && risk != "production" && !spec.args.iter().any(one_by_one),
        disabled,
    }
}

/// All addresses of an entity: its page first.
fn addresses(fact: &Fact) -> Vec<(&'static str, String)> {
    let origin = fact.origin();
    let page = origin.url.iter().map(|url| ("page", url.clone()));
    page.chain(origin.links.iter().map(|link| (link_word(link.kind), link.url.clone()))).collect()
}

fn link_word(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Runbook => "runbook",
        LinkKind::Generator => "generator",
        LinkKind::Dashboard => "dashboard",
        LinkKind::Change => "change",
        LinkKind::Log => "log",
        LinkKind::Environment => "environment",
        LinkKind::Other => "other",
    }
}

/// A run that failed or runs may have a log worth reading.
fn has_log(fact: &Fact) -> bool {
    matches!(fact, Fact::Run(run) if run.signal().status == qd_model::Status::Failing || run.is_open())
}

fn fields(entity: &Entity) -> Vec<FieldView> {
    let fact = &entity.fact;
    let mut fields = Fields(Vec::new());
    let origin = fact.origin();
    match fact {
        Fact::Run(run) => {
            fields.add("Pipeline", Some(&run.pipeline_name), false);
            fields.add("Number", Some(&run.number()), true);
            fields.add("Ref", run.reference.as_deref(), true);
            fields.add("Revision", run.revision.as_deref(), true);
            fields.add("Trigger", run.trigger.as_deref(), false);
            fields.add("Author", run.author.as_deref(), false);
            fields.add("Attempt", run.attempt.map(|n| n.to_string()).as_deref(), true);
            fields.add("Failed step", run.failed_step.as_deref(), false);
        }
        Fact::Deployment(deployment) => {
            fields.add("Version", Some(&deployment.version), true);
            fields.add("Environment", Some(&deployment.environment), false);
            fields.add("Revision", deployment.revision.as_deref(), true);
            fields.add("Started by", deployment.initiator.as_deref(), false);
            fields.add("Note", deployment.description.as_deref(), false);
        }
        Fact::Alert(alert) => {
            fields.add("Severity", Some(&alert.severity.raw), false);
            // The summary and the labels travel with the row; addresses are links.
            let told = |value: &String| {
                alert.summary() == Some(value.as_str())
                    || origin.links.iter().any(|link| link.url == value.trim())
            };
            for (name, value) in alert.annotations.iter().filter(|(_, value)| !told(value)).take(50) {
                fields.add(name, Some(value), false);
            }
            fields.add("Receivers", Some(&alert.receivers.join(", ")), false);
            fields.add("Fingerprint", Some(&alert.fingerprint), true);
        }
        Fact::Ticket(ticket) => {
            fields.add("Key", Some(&ticket.key), true);
            fields.add("Type", Some(&ticket.ticket_type.raw), false);
            fields.add("Priority", ticket.priority.as_deref(), false);
            fields.add("Assigned to", Some(&ticket.assignees.join(", ")), false);
            fields.add("Reported by", ticket.reporter.as_deref(), false);
            fields.add("Milestone", ticket.milestone.as_deref(), false);
            fields.add("Labels", Some(&ticket.labels.join(", ")), false);
            fields.add("Resolution", ticket.resolution.as_deref(), false);
        }
    }
    fields.add("Repository", origin.repository.as_deref(), true);
    fields.add("Project", origin.project.as_deref(), false);
    fields.add("Backend's word", Some(fact.raw_status()), true);
    fields.0
}

struct Fields(Vec<FieldView>);

impl Fields {
    /// Adds a value that is there and not empty.
    fn add(&mut self, name: &str, value: Option<&str>, mono: bool) {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            self.0.push(FieldView { name: line(name), value: plain(value), mono });
        }
    }
}
