//! Silences of all sources, asked of them when somebody looks.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use qd_connector::Covers;
use qd_model::{Fact, Filter, Kind, Silence, SourceId, Target};
use qd_rules::silence::{is_shown, marks, order};
use qd_store::ListQuery;

use crate::lapsed::known;
use crate::plain::line;
use crate::rows::{count, silence as silence_view};
use crate::sources::Sources;
use crate::view::{ActionOffer, SilenceRow, SilenceSource, SilencesReq, SilencesView};
use crate::{ApiError, App};

/// Sources are not asked again within this time unless a person wants it.
const PAUSE: TimeDelta = TimeDelta::seconds(5);
/// Alerts that silences are held against at the most.
const READ: u32 = 50_000;

/// The silences of one source as they were read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub at: DateTime<Utc>,
    pub silences: Vec<Silence>,
    problems: Vec<String>,
}

impl App {
    /// Silences of all sources. A source that cannot be asked now keeps what it said last, marked as stale.
    ///
    /// # Errors
    /// The store failed. A source that does not answer is told beside the others.
    pub async fn silences(&self, request: SilencesReq) -> Result<SilencesView, ApiError> {
        let (silences, sources) = self.silences_read(request.fresh).await?;
        Ok(SilencesView { silences: silences.into_iter().map(|(row, _)| row).collect(), sources })
    }

    /// The same, each with the silence as it was read.
    ///
    /// # Errors
    /// The store failed.
    pub async fn silences_read(
        &self,
        fresh: bool,
    ) -> Result<(Vec<(SilenceRow, Silence)>, Vec<SilenceSource>), ApiError> {
        let sources = self.sources(None).await?;
        let engine = &self.inner.engine;
        let asked: Vec<SourceId> = sources.list.iter().map(|source| source.id().clone()).collect();
        let asked: Vec<SourceId> =
            asked.into_iter().filter(|id| engine.silence_verbs(id).is_some()).collect();
        let readings = asked.iter().map(|id| self.read_silences(id, fresh));
        let readings = futures_util::future::join_all(readings).await;
        let labels = self.labels_by_source().await?;
        let mut told = Vec::new();
        let mut rows = Vec::new();
        for (id, (read, error)) in asked.iter().zip(readings) {
            let stale = error.is_some();
            told.push(self.silence_source(id, read.as_ref(), error, &sources));
            let at = read.as_ref().map(|read| read.at);
            for silence in read.into_iter().flat_map(|read| read.silences) {
                let silence = known(&silence, at, sources.now);
                if is_shown(&silence, sources.now) {
                    let row = self.silence_row(id, &silence, labels.get(id), stale, sources.now);
                    rows.push((order(&silence), (row, silence)));
                }
            }
        }
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok((rows.into_iter().map(|(_, row)| row).collect(), told))
    }

    /// What a source said, now or last, and why not now.
    pub(crate) async fn read_silences(&self, id: &SourceId, fresh: bool) -> (Option<Read>, Option<String>) {
        let now = self.now();
        let known = self.kept_silences(id);
        if let Some(read) = known.as_ref().filter(|read| !fresh && (now - read.at).abs() < PAUSE) {
            return (Some(read.clone()), None);
        }
        match self.inner.engine.silences(id).await {
            Ok((silences, problems)) => {
                let read = Read { at: now, silences, problems };
                let mut kept = self.inner.silences.lock().unwrap_or_else(PoisonError::into_inner);
                kept.insert(id.clone(), read.clone());
                (Some(read), None)
            }
            Err(error) => (known, Some(line(&ApiError::from(error).message))),
        }
    }

    /// What a source said last.
    pub(crate) fn kept_silences(&self, id: &SourceId) -> Option<Read> {
        self.inner.silences.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The labels of every alert that fires or is suppressed.
    async fn labels_by_source(&self) -> Result<BTreeMap<SourceId, Vec<BTreeMap<String, String>>>, ApiError> {
        let query = ListQuery {
            limit: READ,
            filter: Filter::default(),
            ..ListQuery::current(Kind::Alert, self.now())
        };
        let mut labels: BTreeMap<SourceId, Vec<BTreeMap<String, String>>> = BTreeMap::new();
        for entity in self.inner.parts.store.list(&query).await?.items {
            if let Fact::Alert(alert) = entity.fact {
                labels.entry(alert.origin.id.source).or_default().push(alert.labels);
            }
        }
        Ok(labels)
    }

    fn silence_row(
        &self,
        id: &SourceId,
        silence: &Silence,
        labels: Option<&Vec<BTreeMap<String, String>>>,
        stale: bool,
        now: DateTime<Utc>,
    ) -> SilenceRow {
        let (covers, matchers) = self.inner.engine.silence_matchers(id, silence);
        let hits = covers.map(|covers| hits(&covers, labels));
        SilenceRow {
            source: id.to_string(),
            silence: silence_view(silence),
            hits: hits.map(count),
            // What holds nothing as of an old reading may hold something now.
            marks: marks(silence, hits.filter(|_| !stale), now)
                .into_iter()
                .map(|mark| mark.as_str().to_owned())
                .collect(),
            matchers,
            stale,
        }
    }

    fn silence_source(
        &self,
        id: &SourceId,
        read: Option<&Read>,
        error: Option<String>,
        sources: &Sources,
    ) -> SilenceSource {
        let verbs = self.inner.engine.silence_verbs(id);
        let offers = self.offers(&Target::Source(id.clone()), None, sources);
        let offer = |verb: Option<&str>| -> Option<ActionOffer> {
            offers.iter().find(|offer| Some(offer.verb.as_str()) == verb).cloned()
        };
        SilenceSource {
            source: id.to_string(),
            as_of: read.map(|read| read.at),
            error,
            problems: read.map(|read| read.problems.iter().map(|it| line(it)).collect()).unwrap_or_default(),
            create: offer(verbs.map(|verbs| verbs.create)),
            extend: offer(verbs.map(|verbs| verbs.extend)),
            expire: offer(verbs.map(|verbs| verbs.expire)),
        }
    }
}

fn hits(covers: &Covers, labels: Option<&Vec<BTreeMap<String, String>>>) -> u64 {
    labels.map_or(0, |labels| labels.iter().filter(|labels| covers(labels)).count() as u64)
}
