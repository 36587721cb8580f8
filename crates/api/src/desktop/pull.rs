//! Where a click or a link leads. The host leaves it here and rings; the window pulls it: nothing is pushed into a page.

use std::sync::PoisonError;

use chrono::TimeDelta;
use qd_model::EntityId;
use qd_rules::notify::Toast;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use url::form_urlencoded;

use crate::commands::Nothing;
use crate::deep_link::home_of;
use crate::view::Done;
use crate::{ApiError, App};

/// Where the window is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Arrival {
    /// The window's address: `#/alerts?open=…`.
    pub route: String,
    /// The action whose form is to be opened there, by its verb. Never done by itself.
    pub verb: Option<String>,
    /// Why a link leads nowhere: the window says so, and stays where it is.
    pub refused: Option<String>,
}

/// How long to hush.
#[derive(Debug, Clone, Deserialize, TS)]
pub struct PauseReq {
    /// Minutes from now, at most a day; 0: go on.
    pub minutes: u32,
}

impl Arrival {
    /// A place in the window.
    pub fn at(route: String, verb: Option<String>) -> Self {
        Self { route, verb, refused: None }
    }

    /// The view that shows everything.
    pub(crate) fn home() -> Self {
        Self::at("#/overview".to_owned(), None)
    }

    /// An entity, or the form of one of its actions.
    pub(crate) fn entity(id: &EntityId, verb: Option<&str>) -> Self {
        let mut search = form_urlencoded::Serializer::new(String::new());
        let search = search.append_pair("open", &id.to_string()).finish();
        Self::at(format!("#/{}?{search}", home_of(id.kind)), verb.map(str::to_owned))
    }

    /// A connection.
    pub(crate) fn connection(id: &str) -> Self {
        Self::at(format!("#/connections?open={id}"), None)
    }
}

impl App {
    /// Leaves word for the window where to go, and rings. The latest word counts.
    pub fn arrive(&self, arrival: Arrival) {
        let desk = &self.inner.desk;
        *desk.arrival.lock().unwrap_or_else(PoisonError::into_inner) = Some(arrival);
        desk.arrived.notify_one();
    }

    /// Follows a `quarterdeck://` link, as far as a link may lead. The window says why it is refused.
    ///
    /// # Errors
    /// `bad_request`: why the link is refused.
    pub fn arrive_by_link(&self, link: &str) -> Result<(), ApiError> {
        match crate::deep_link::parse(link) {
            Ok(route) => {
                self.arrive(Arrival::at(route, None));
                Ok(())
            }
            Err(refusal) => {
                let why = refusal.to_string();
                self.arrive(Arrival { refused: Some(why.clone()), ..Arrival::at(String::new(), None) });
                Err(ApiError::new("bad_request", why))
            }
        }
    }

    /// Where the window is to go; told once.
    ///
    /// # Errors
    /// None.
    pub async fn arrival(&self, _: Nothing) -> Result<Option<Arrival>, ApiError> {
        Ok(self.inner.desk.arrival.lock().unwrap_or_else(PoisonError::into_inner).take())
    }

    /// Hushes notifications for a while, or ends that.
    ///
    /// # Errors
    /// `bad_request`: longer than a day.
    pub async fn notifications_pause(&self, request: PauseReq) -> Result<Done, ApiError> {
        if request.minutes > 24 * 60 {
            return Err(ApiError::new("bad_request", "Notifications can be paused for a day at the most."));
        }
        let until = (request.minutes > 0).then(|| self.now() + TimeDelta::minutes(request.minutes.into()));
        *self.inner.desk.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        self.inner.desk.pause_changed.notify_waiters();
        Ok(Done { message: String::new() })
    }

    /// Shows a notification, to see that it works.
    ///
    /// # Errors
    /// `refused`: nothing here shows notifications, or what does has failed.
    pub async fn notifications_test(&self, _: Nothing) -> Result<Done, ApiError> {
        let Some(notifier) = self.inner.desk.notifier.get() else {
            return Err(ApiError::new("refused", "Only the window shows notifications; it is not open."));
        };
        let shown = notifier.show(super::words::notification(self, &Toast::Test, &[])).await;
        shown.map(|()| Done { message: "The desktop took it.".to_owned() }).map_err(|problem| {
            ApiError::new("refused", format!("The notification could not be shown: {problem}."))
        })
    }
}
