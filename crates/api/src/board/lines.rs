//! The lines of a board that travel: those of the window that is asked for.

use std::ops::Range;

use qd_model::{Alert, Fact};
use qd_rules::board::{Group, Key};
use qd_rules::during::{AlertSpan, during};
use qd_rules::shown;
use qd_store::Entity;

use super::Board;
use crate::plain::line;
use crate::rows::{Beside, count, row};
use crate::sources::Sources;
use crate::view::{BoardReq, During, EntityLine, GroupLine, Inhibitor, Line, SeverityCount};

/// Lines of one answer.
const MOST: usize = 200;

/// What the lines of a window are made from.
pub(super) struct Window<'a> {
    pub board: &'a Board,
    pub sources: &'a Sources,
    pub beside: &'a Beside,
}

impl Window<'_> {
    /// The lines asked for, and how many there are in all.
    pub fn lines(&self, keys: &[Key], request: &BoardReq) -> (Vec<Line>, usize) {
        let from = request.offset as usize;
        let wanted = from..from.saturating_add((request.limit as usize).min(MOST));
        if keys.is_empty() {
            let total = self.board.bundles.len();
            let lines = within(&wanted, 0, total).map(|at| Line::Entity(self.entity(at, false))).collect();
            return (lines, total);
        }
        let (mut lines, mut at) = (Vec::new(), 0);
        for group in self.board.groups(keys).iter() {
            let key = group_key(group);
            let open = request.open.contains(&key) != request.inverted;
            if wanted.contains(&at) {
                lines.push(Line::Group(group_line(group, key, open)));
            }
            at += 1;
            if open {
                let members = within(&wanted, at, group.members.len());
                lines.extend(members.map(|place| Line::Entity(self.entity(group.members[place], true))));
                at += group.members.len();
            }
        }
        (lines, at)
    }

    fn entity(&self, at: usize, inside: bool) -> EntityLine {
        let board = self.board;
        let bundle = &board.bundles[at];
        let entity = &board.entities[bundle.first];
        let mut row = row(entity, self.sources, self.beside);
        if let Some(draws) = board.draws[bundle.first] {
            row.status = shown(draws, board.current[bundle.first]);
        }
        let all = || [bundle.first].into_iter().chain(bundle.others.iter().copied());
        let flaps = all().filter_map(|at| board.flaps.get(board.entities[at].fact.id()));
        EntityLine {
            row,
            inside,
            sources: all().map(|at| board.entities[at].fact.id().source.to_string()).collect(),
            flap: flaps.max_by_key(|flap| flap.per_hour).copied(),
            inhibitors: match &entity.fact {
                Fact::Alert(alert) => {
                    alert.inhibited_by.iter().map(|print| self.inhibitor(alert, print)).collect()
                }
                _ => Vec::new(),
            },
            during: match &entity.fact {
                Fact::Ticket(ticket) => during(ticket, &entity.links, &board.spans).map(during_view),
                _ => None,
            },
        }
    }

    /// The alert with a fingerprint: the one of the same source, which is the one that is meant.
    fn inhibitor(&self, alert: &Alert, print: &str) -> Inhibitor {
        let found = self.board.entities.iter().find(|entity| {
            entity.fact.id().source == alert.origin.id.source
                && matches!(&entity.fact, Fact::Alert(other) if other.fingerprint == print)
        });
        inhibitor(print, found)
    }
}

/// Places within a list that begins at line `at`, of those lines that are wanted.
fn within(wanted: &Range<usize>, at: usize, length: usize) -> Range<usize> {
    let place = |line: usize| line.saturating_sub(at).min(length);
    place(wanted.start)..place(wanted.end)
}

/// An alert that inhibits another, as far as it is known.
pub(crate) fn inhibitor(print: &str, found: Option<&Entity>) -> Inhibitor {
    Inhibitor {
        fingerprint: line(print),
        id: found.map(|entity| entity.fact.id().to_string()),
        title: found.map(|entity| line(entity.fact.title())),
    }
}

/// An alert beside a ticket, ready to be shown.
pub(crate) fn during_view(span: &AlertSpan) -> During {
    During {
        id: span.id.to_string(),
        title: line(&span.name),
        severity: span.severity,
        from: span.from,
        to: span.to,
    }
}

/// The values of a group as one text. A mark that no label holds stands between them.
fn group_key(group: &Group) -> String {
    let values = group.values.iter().map(|value| value.as_deref().map_or("\u{2}".to_owned(), line));
    values.collect::<Vec<_>>().join("\u{1}")
}

fn group_line(group: &Group, key: String, open: bool) -> GroupLine {
    let number = |number: usize| count(number as u64);
    let severities = group.severities.iter();
    GroupLine {
        key,
        values: group.values.iter().map(|value| value.as_deref().map(line)).collect(),
        open,
        count: number(group.members.len()),
        firing: number(group.firing),
        suppressed: number(group.suppressed),
        severities: severities
            .map(|(severity, n)| SeverityCount { severity: *severity, count: number(*n) })
            .collect(),
        status: group.status,
        newest: group.newest,
        stale: group.stale,
    }
}
