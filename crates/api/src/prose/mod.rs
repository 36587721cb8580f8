//! Prose of strangers, read into typed nodes. HTML is never made and never passed on.
//!
//! *Invariant:* the tree is never deeper than [`DEEPEST`] and never larger than its budget, whatever the input: whoever
//! walks it may recurse.

mod build;
mod html;
pub(crate) mod links;
mod markdown;
mod textile;

use qd_connector::Markup;
use url::Url;

use crate::view::Prose;
use build::Builder;

/// So many bytes of one text are read; the rest is to be read in the source.
const LONGEST: usize = 64 * 1024;
/// Parts nested deeper stand in the deepest part that is kept.
const DEEPEST: usize = 12;

/// What all texts of one answer share: how many nodes they may make, and the addresses found in them.
pub(crate) struct Reading<'a> {
    /// Addresses of connections, which may be visited without encryption.
    own: &'a [Url],
    /// How people of this backend write.
    markup: Markup,
    /// A line's end is the file's, no break: as in a README, unlike in a comment.
    wrapped: bool,
    /// Nodes that may still be made.
    left: usize,
    /// Every address that was met, in the order of the nodes' indexes.
    pub addresses: Vec<String>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet; at most `nodes` nodes are made over all texts.
    pub fn new(markup: Markup, own: &'a [Url], nodes: usize) -> Self {
        Self { own, markup, wrapped: false, left: nodes, addresses: Vec::new() }
    }

    /// The texts are files, whose lines were wrapped to a width of their own.
    pub fn of_files(self) -> Self {
        Self { wrapped: true, ..self }
    }

    /// Reads one text. When the budget is spent, its beginning comes as plain words.
    pub fn read(&mut self, text: &str) -> Prose {
        let (text, cut) = shorten(text, LONGEST);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if self.left == 0 {
            let (beginning, _) = shorten(&text, 500);
            return Prose { nodes: vec![build::words(beginning)], truncated: true };
        }
        let wrapped = self.wrapped;
        let mut builder = Builder::new(self);
        match builder.markup() {
            Markup::Markdown => markdown::read(&text, wrapped, &mut builder),
            Markup::Textile => textile::read(&text, &mut builder),
            Markup::Plain => plain(&text, &mut builder),
        }
        let (nodes, spent) = builder.finish();
        Prose { nodes, truncated: cut || spent }
    }
}

/// Paragraphs at empty lines, lines as they are.
fn plain(text: &str, builder: &mut Builder<'_, '_>) {
    for part in text.split("\n\n").map(|part| part.trim_matches('\n')).filter(|part| !part.trim().is_empty())
    {
        builder.open(build::Open::Paragraph);
        lines(part, builder);
        builder.close();
    }
}

fn lines(text: &str, builder: &mut Builder<'_, '_>) {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            builder.line_break();
        }
        builder.text(line);
    }
}

/// The beginning of a text, and whether something was cut off.
fn shorten(text: &str, longest: usize) -> (&str, bool) {
    if text.len() <= longest {
        return (text, false);
    }
    let end = (0..=longest).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (&text[..end], true)
}

#[cfg(test)]
mod tests;
