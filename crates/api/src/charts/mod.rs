//! Charts: what happened in each part of a span of time, what makes each number, and what nobody saw.

mod found;
mod span;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use qd_charts::{Count, Drawing, Known, Series, Size, Slot, Took, draw, svg};
pub use qd_charts::{Ink as ChartInk, LegendEntry as ChartLegend, Words as ChartWords};
use qd_model::{Filter, Kind, SourceId};
use qd_store::HappenedQuery;

use crate::rows::count;
use crate::sources::Sources;
use crate::view::{
    ChartDrawing, ChartKind, ChartKnown, ChartLayer, ChartMark, ChartRowsReq, ChartRowsView, ChartSummary,
    ChartTime, ChartValue, ChartView, ChartsReq, ChartsView,
};
use crate::{ApiError, App};
use found::Found;
use span::Span;

/// Rows of one answer.
const LISTED: usize = 500;
/// What is counted of each kind.
const COUNTED: u32 = 20_000;

impl ChartKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Alerts, Self::Deployments, Self::Durations];

    /// Of which kind it counts.
    pub fn kind(self) -> Kind {
        match self {
            Self::Alerts => Kind::Alert,
            Self::Deployments => Kind::Deployment,
            Self::Durations => Kind::Run,
        }
    }
}

impl App {
    /// Counts and durations over a span of time.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn charts(&self, request: ChartsReq) -> Result<ChartsView, ApiError> {
        self.inner.engine.watch(None);
        Ok(self.drawn(&request, &ChartKind::ALL).await?.0)
    }

    /// One chart, and its picture as a file. `words` says what it says, given what it shows.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn chart_file(
        &self,
        chart: ChartKind,
        request: ChartsReq,
        words: impl FnOnce(&ChartsView, &dyn Fn(&ChartWords<'_>) -> String) -> String,
    ) -> Result<(ChartsView, String), ApiError> {
        let (view, drawings) = self.drawn(&request, &[chart]).await?;
        let file = drawings.first().map(|drawing| words(&view, &|words| svg(drawing, words)));
        Ok((view, file.unwrap_or_default()))
    }

    /// Which rows made a part of a chart.
    ///
    /// # Errors
    /// The query cannot be read, or the store failed.
    pub async fn chart_rows(&self, request: ChartRowsReq) -> Result<ChartRowsView, ApiError> {
        let sources = self.sources(request.as_of).await?;
        let filter = self.of_configured(self.filter(&request.query)?.without_spans(), &sources).await?;
        let now = request.as_of.unwrap_or_else(|| self.now());
        let found = self.found(request.chart, &filter, request.from, request.to.min(now)).await?;
        let skip = found.points.len().saturating_sub(LISTED);
        Ok(ChartRowsView {
            count: count(found.points.len() as u64),
            rows: found.points.into_iter().skip(skip).map(found::Point::row).collect(),
        })
    }

    async fn drawn(
        &self,
        request: &ChartsReq,
        kinds: &[ChartKind],
    ) -> Result<(ChartsView, Vec<Drawing>), ApiError> {
        let filter = self.filter(&request.query)?;
        let sources = self.sources(request.as_of).await?;
        let now = request.as_of.unwrap_or(sources.now);
        let span = Span::of(&filter, request.hours, now, TimeDelta::minutes(request.ahead_mins.into()));
        let filter = self.of_configured(filter.without_spans(), &sources).await?;
        let gaps = self.gaps(&sources, span.parts, now).await?;
        let size = Size { width: request.width, height: request.height };
        let (mut charts, mut drawings) = (Vec::new(), Vec::new());
        for chart in kinds.iter().copied() {
            let found = self.found(chart, &filter, span.from, span.to.min(now)).await?;
            let seen = seen(&span, now, &sources, &gaps, chart.kind(), found.complete_from);
            let (marks, series) = marks(chart, &found, &seen);
            let drawing = draw(&series, size, TimeDelta::minutes(request.ahead_mins.into()))
                .map_err(|error| ApiError::new("internal", error.to_string()))?;
            let unobserved = !observing(&sources, chart.kind()).any(|_| true);
            charts.push(view(chart, &found, marks, &drawing, unobserved));
            drawings.push(drawing);
        }
        let view = ChartsView {
            from: span.from,
            to: span.to,
            part_secs: count(span.parts.width.num_seconds().unsigned_abs()),
            charts,
            sources: shown_sources(&sources, kinds),
        };
        Ok((view, drawings))
    }

    /// What one chart counts in a span.
    async fn found(
        &self,
        chart: ChartKind,
        filter: &Filter,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Found, ApiError> {
        if from >= to {
            return Ok(Found::default());
        }
        let store = &self.inner.parts.store;
        if chart == ChartKind::Durations {
            let page = store.list(&found::ended(filter, from, to, self.now())).await?;
            return Ok(found::runs(page.items, page.total, from, to));
        }
        let query = HappenedQuery {
            // An alert that goes on in another way when the span begins has not begun there.
            from: from - TimeDelta::seconds(1),
            to,
            filter: found::only(filter, chart.kind()),
            now: self.now(),
            limit: COUNTED,
        };
        let happened = store.happened(&query).await?;
        Ok(found::happenings(chart, happened, from))
    }
}

fn observing(sources: &Sources, kind: Kind) -> impl Iterator<Item = &SourceId> {
    let observes = move |source: &&crate::sources::Source| source.descriptor().kinds.contains(&kind);
    sources.list.iter().filter(observes).map(crate::sources::Source::id)
}

fn shown_sources(sources: &Sources, kinds: &[ChartKind]) -> Vec<crate::view::SourceView> {
    let wanted =
        |view: &crate::view::SourceView| kinds.iter().any(|chart| view.kinds.contains(&chart.kind()));
    sources.views(None).into_iter().filter(wanted).collect()
}

/// A part, and who was not read in it.
struct Seen {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    known: Known,
    missing: Vec<String>,
}

fn seen(
    span: &Span,
    now: DateTime<Utc>,
    sources: &Sources,
    gaps: &BTreeMap<SourceId, Vec<u32>>,
    kind: Kind,
    complete_from: Option<DateTime<Utc>>,
) -> Vec<Seen> {
    let asked: Vec<&SourceId> = observing(sources, kind).collect();
    let part = |(at, from, until): (u32, DateTime<Utc>, DateTime<Utc>)| {
        let unread = |source: &&&SourceId| gaps.get(**source).is_some_and(|parts| parts.contains(&at));
        let missing: Vec<String> = asked.iter().filter(unread).map(ToString::to_string).collect();
        let cut = complete_from.is_some_and(|complete| from < complete);
        let known = match missing.len() {
            all if all == asked.len() => Known::Unread,
            0 if !cut => Known::Read,
            _ => Known::Partly,
        };
        Seen { from, until, known, missing }
    };
    span.begun(now).map(part).collect()
}

/// The parts as they are told, without their places, and as they are drawn.
fn marks(chart: ChartKind, found: &Found, seen: &[Seen]) -> (Vec<ChartMark>, Series) {
    let mut inside: Vec<Vec<&found::Point>> = seen.iter().map(|_| Vec::new()).collect();
    for point in &found.points {
        let at = seen.partition_point(|part| part.until <= point.at);
        if let Some(points) = inside.get_mut(at) {
            points.push(point);
        }
    }
    let mut marks = Vec::with_capacity(seen.len());
    let (mut counts, mut times) = (Vec::new(), Vec::new());
    for (part, points) in seen.iter().zip(&inside) {
        let took = Took::of(points.iter().filter_map(|point| point.secs));
        let bad = count(points.iter().filter(|point| point.bad).count() as u64);
        let all = count(points.len() as u64);
        marks.push(ChartMark {
            from: part.from,
            until: part.until,
            known: known(part.known),
            missing: part.missing.clone(),
            count: all,
            bad,
            median_secs: took.map(|took| took.median),
            p90_secs: took.map(|took| took.p90),
            x: 0,
            width: 0,
            y: 0,
        });
        let (from, until, known) = (part.from, part.until, part.known);
        counts.push(Slot { from, until, known, value: Count { all, bad } });
        times.push(Slot { from, until, known, value: took });
    }
    let drawn = if chart == ChartKind::Durations { Series::Times(times) } else { Series::Counts(counts) };
    (marks, drawn)
}

fn known(known: Known) -> ChartKnown {
    match known {
        Known::Read => ChartKnown::Read,
        Known::Partly => ChartKnown::Partly,
        Known::Unread => ChartKnown::Unread,
    }
}

fn view(
    chart: ChartKind,
    found: &Found,
    mut marks: Vec<ChartMark>,
    drawing: &Drawing,
    unobserved: bool,
) -> ChartView {
    for (mark, place) in marks.iter_mut().zip(&drawing.marks) {
        (mark.x, mark.width, mark.y) = (place.x, place.width, place.y);
    }
    let weight = |mark: &ChartMark| mark.median_secs.unwrap_or(mark.count);
    let told = marks.iter().enumerate().filter(|(_, mark)| mark.count > 0);
    // Of equal ones the latest, which people remember.
    let peak = told.max_by_key(|(_, mark)| weight(mark)).map(|(at, _)| count(at as u64));
    let all = Took::of(found.points.iter().filter_map(|point| point.secs));
    ChartView {
        chart,
        summary: ChartSummary {
            count: count(found.points.len() as u64),
            bad: count(found.points.iter().filter(|point| point.bad).count() as u64),
            peak,
            median_secs: all.map(|took| took.median),
            p90_secs: all.map(|took| took.p90),
            unread: count(marks.iter().filter(|mark| mark.known != ChartKnown::Read).count() as u64),
            excluded: found.excluded,
            unobserved,
            truncated: found.complete_from.is_some(),
        },
        marks,
        drawing: drawing_view(drawing),
    }
}

fn drawing_view(drawing: &Drawing) -> ChartDrawing {
    let layer =
        |layer: &qd_charts::Layer| ChartLayer { ink: layer.ink.as_str().to_owned(), d: layer.d.clone() };
    ChartDrawing {
        width: drawing.size.width,
        height: drawing.size.height,
        foot: drawing.foot,
        layers: drawing.layers.iter().map(layer).collect(),
        values: drawing.values.iter().map(|tick| ChartValue { value: tick.value, y: tick.y }).collect(),
        times: drawing.times.iter().map(|tick| ChartTime { at: tick.at, x: tick.x }).collect(),
    }
}
