//! What a credential can see, to be chosen for a connection's settings, and what that costs.

use std::time::Duration;

use qd_connector::{PollCost, Proposals};
use qd_engine::{AskError, HourlyCost, Tier, estimate};

use crate::commands::ConnectionReq;
use crate::config::unfinished;
use crate::connections::credential_sentence;
use crate::plain::{line, plain};
use crate::rows::count;
use crate::view::{EstimateReq, EstimateView, HourView, ProposalView, ProposalsView};
use crate::{ApiError, App};

impl App {
    /// What the credential of a connection can see. The form need not be complete.
    ///
    /// # Errors
    /// The address or the credential does not fit, or the backend did not answer as it should.
    pub async fn connection_propose(&self, request: ConnectionReq) -> Result<ProposalsView, ApiError> {
        self.refuse_in_demo("The demo asks no real backends.")?;
        let bad = |message: String| ApiError::new("bad_request", message);
        let backend = self
            .backend(&request.draft.backend)
            .ok_or_else(|| bad("There is no such backend.".to_owned()))?;
        let Some(proposes) = backend.proposes() else { return Ok(ProposalsView::default()) };
        let entry = unfinished(&request.draft, backend).map_err(bad)?;
        self.inner.parts.credentials.check_reference(&entry.credential).map_err(bad)?;
        if let ("none", Some(why)) = (entry.credential.as_str(), proposes.spec().without_credential) {
            return Ok(ProposalsView { notes: vec![why.to_owned()], ..ProposalsView::default() });
        }
        let spec = self.spec(&entry).ok_or_else(|| bad("There is no such backend.".to_owned()))?;
        let secret = request.secret.filter(|_| entry.credential == "keychain");
        let (proposals, quota) = self.inner.engine.proposals(&spec, secret).await.map_err(refusal)?;
        let quota_limit = quota.map(|quota| count(quota.limit));
        Ok(ProposalsView { quota_limit, ..self.proposals_view(&proposals) })
    }

    /// What a connection will cost in an hour. `None`: its backend does not tell.
    ///
    /// # Errors
    /// None.
    pub async fn connection_estimate(&self, request: EstimateReq) -> Result<Option<EstimateView>, ApiError> {
        let Some(backend) = self.backend(&request.backend) else { return Ok(None) };
        let Some(proposes) = backend.proposes() else { return Ok(None) };
        let cost = proposes.spec().cost;
        let cost = PollCost { unchanged_is_free: cost.unchanged_is_free && request.signed_in, ..cost };
        let own = request.interval_secs.filter(|secs| *secs > 0);
        let own = own.map_or(backend.descriptor().interval, |secs| Duration::from_secs(secs.into()));
        let hours = estimate(&cost, request.values, own);
        Ok(Some(EstimateView {
            hours: hours.iter().map(|hour| hour_view(hour, request.quota_limit)).collect(),
            unchanged_is_free: cost.unchanged_is_free,
            ceiling_percent: self.budget_percent(),
        }))
    }

    fn proposals_view(&self, proposals: &Proposals) -> ProposalsView {
        let preselected = proposals.preselected(self.now());
        let view = |(at, item): (usize, &qd_connector::Proposal)| ProposalView {
            value: line(&item.value),
            active_at: item.active_at,
            about: line(&item.about),
            preselected: preselected.contains(&at),
        };
        // A value that is not as it was given would name something else.
        let same =
            |item: &&qd_connector::Proposal| line(&item.value) == item.value && !item.value.contains('\n');
        ProposalsView {
            items: proposals.items.iter().enumerate().filter(|(_, item)| same(item)).map(view).collect(),
            more: proposals.more,
            notes: proposals.problems.iter().map(|text| plain(text)).collect(),
            quota_limit: None,
        }
    }
}

fn hour_view(hour: &HourlyCost, quota: Option<u32>) -> HourView {
    let quota = quota.filter(|quota| *quota > 0);
    HourView {
        pace: match hour.tier {
            Tier::Cold => "idle",
            Tier::Warm => "watched",
            Tier::Hot => "running",
        }
        .to_owned(),
        requests: count(hour.requests),
        counted: count(hour.counted),
        percent: quota.map(|quota| count((hour.counted * 100).div_ceil(quota.into()))),
    }
}

/// A credential that is missing has a sentence of its own.
fn refusal(error: AskError) -> ApiError {
    match &error {
        AskError::NotReady { state, .. } => match credential_sentence(state) {
            Some(sentence) => ApiError::new("needs_sign_in", sentence),
            None => error.into(),
        },
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up_and_unknown_without_a_quota() {
        let hour = HourlyCost { tier: Tier::Hot, requests: 43_200, counted: 576 };
        let percent = |quota| hour_view(&hour, quota).percent;
        assert_eq!(percent(Some(5_000)), Some(12), "11.52 %");
        assert_eq!(percent(Some(60)), Some(960), "more than there is");
        assert_eq!(percent(None), None);
        assert_eq!(percent(Some(0)), None);
    }

    #[test]
    fn a_missing_credential_is_told_in_words() {
        let error = |state: &str| {
            refusal(AskError::NotReady { source_id: "gh".into(), state: state.into(), sign_in: false })
        };
        assert!(error("gh_not_logged_in").message.contains("gh auth login"));
        assert_eq!(error("gh_not_logged_in").code, "needs_sign_in");
        assert!(error("ca_file cannot be read").message.contains("ca_file"));
    }
}
