//! What happened in the last hours, and what nobody looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use qd_model::{Kind, SourceId, Status};
use qd_rules::Parts;
use qd_store::{Tally, TallyQuery};
use serde::Deserialize;
use ts_rs::TS;

use crate::plain::line;
use crate::readings::{PAUSE, seen, unread};
use crate::rows::count;
use crate::sources::{Source, Sources};
use crate::view::{ActivityView, ServiceActivity, SourceGaps};
use crate::{ApiError, App};

/// A span of hours that ends with the hour of `as_of`.
#[derive(Debug, Clone, Default, Deserialize, TS)]
pub struct ActivityReq {
    /// As of then. `None`: now.
    pub as_of: Option<DateTime<Utc>>,
}

/// What was counted last: at which change, what was asked, what was found.
pub(crate) type Tallied = Option<(u64, TallyQuery, Arc<Vec<Tally>>)>;

/// Hours that are told.
const HOURS: u32 = 24;

impl App {
    /// What happened to each service in each hour of the last day, and which hours were not read.
    ///
    /// # Errors
    /// The store failed.
    pub async fn activity(&self, request: ActivityReq) -> Result<ActivityView, ApiError> {
        let sources = self.sources(request.as_of).await?;
        let now = request.as_of.unwrap_or(sources.now);
        let parts = hours(now, HOURS);
        let query = TallyQuery {
            from: parts.from,
            to: parts.end(),
            parts: parts.count,
            as_of: request.as_of,
            except: self.removed(&sources).await?,
        };
        let tallies = self.tallied(query).await?;
        let gaps = self.gaps(&sources, parts, now).await?;
        let told = gaps.into_iter().filter(|(_, parts)| !parts.is_empty());
        Ok(ActivityView {
            from: parts.from,
            to: parts.end(),
            part_secs: count(parts.width.num_seconds().unsigned_abs()),
            parts: parts.count,
            services: services(&tallies, parts.count),
            unread: told.map(|(source, parts)| SourceGaps { source: source.to_string(), parts }).collect(),
        })
    }

    /// Counts, unless the same was counted last and nothing was stored since: windows ask again each minute.
    async fn tallied(&self, query: TallyQuery) -> Result<Arc<Vec<Tally>>, ApiError> {
        let store = &self.inner.parts.store;
        let seq = store.seq().await?;
        let mut kept = self.inner.tallied.lock().await;
        if let Some((of, asked, tallies)) = &*kept
            && (*of, asked) == (seq, &query)
        {
            return Ok(tallies.clone());
        }
        let tallies = Arc::new(store.tally(query.clone()).await?);
        *kept = Some((seq, query, tallies.clone()));
        Ok(tallies)
    }

    /// The parts of a span in which each source was not read throughout; nothing behind `now` is missing.
    pub(crate) async fn gaps(
        &self,
        sources: &Sources,
        parts: Parts,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<SourceId, Vec<u32>>, ApiError> {
        let readings = self.readings(sources, parts.from, parts.end()).await?;
        let to = parts.end().min(now);
        let of = |source: &Source| {
            let gaps = unread(&seen(source, &readings, sources), (parts.from, to), sources.now);
            (source.id().clone(), parts.missing(&gaps, PAUSE))
        };
        Ok(sources.list.iter().map(of).collect())
    }
}

/// Whole hours, the last of which holds `now`.
pub(crate) fn hours(now: DateTime<Utc>, count: u32) -> Parts {
    let width = TimeDelta::hours(1);
    let begun = now.with_minute(0).and_then(|at| at.with_second(0)).and_then(|at| at.with_nanosecond(0));
    let end = begun.unwrap_or(now) + width;
    Parts { from: end - width * i32::try_from(count).unwrap_or(i32::MAX), width, count }
}

fn services(tallies: &[Tally], parts: u32) -> Vec<ServiceActivity> {
    let mut by_name: BTreeMap<&str, ServiceActivity> = BTreeMap::new();
    let telling = |tally: &&Tally| {
        tally.kind == Kind::Alert || (tally.kind == Kind::Run && tally.status == Status::Failing)
    };
    for tally in tallies.iter().filter(telling) {
        let Some(name) = tally.service.as_deref() else { continue };
        let empty = || vec![0; parts as usize];
        let service = by_name.entry(name).or_insert_with(|| ServiceActivity {
            name: line(name),
            alerts: empty(),
            paging: empty(),
            failed: empty(),
        });
        let pages = (tally.status == Status::Paging).then_some(&mut service.paging);
        let (list, worst) = match tally.kind {
            Kind::Alert => (&mut service.alerts, pages),
            _ => (&mut service.failed, None),
        };
        for list in worst.into_iter().chain([list]) {
            if let Some(part) = list.get_mut(tally.part as usize) {
                *part += count(tally.count);
            }
        }
    }
    by_name.into_values().collect()
}
