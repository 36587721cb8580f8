//! Makes the tree: bounded in depth and size, words cleaned, addresses checked.

use qd_connector::Markup;

use super::{DEEPEST, Reading, links};
use crate::checked_link;
use crate::plain::{line, plain};
use crate::view::{ProseLink, ProseNode};

/// A part that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// A paragraph.
    Paragraph,
    /// A heading of a level.
    Heading(u8),
    /// A quote.
    Quote,
    /// A list, with the number of its first item.
    List(Option<u32>),
    /// An item.
    Item,
    /// A table.
    Table,
    /// A row; whether it names the columns.
    Row(bool),
    /// A cell.
    Cell,
    /// Stressed.
    Emphasis,
    /// Stressed more.
    Strong,
    /// Taken back.
    Strike,
    /// A link to an address.
    Link(String),
}

/// One text on its way to a tree.
pub struct Builder<'r, 'a> {
    reading: &'r mut Reading<'a>,
    /// What is open, outermost first, with what is in it so far.
    stack: Vec<(Open, Option<bool>, Vec<ProseNode>)>,
    /// Parts opened beyond [`DEEPEST`], which leave no node.
    skipped: usize,
    top: Vec<ProseNode>,
    words: String,
    spent: bool,
}

/// Words as a node.
pub fn words(text: &str) -> ProseNode {
    ProseNode::Text { text: plain(text) }
}

impl<'r, 'a> Builder<'r, 'a> {
    /// An empty tree.
    pub fn new(reading: &'r mut Reading<'a>) -> Self {
        Self { reading, stack: Vec::new(), skipped: 0, top: Vec::new(), words: String::new(), spent: false }
    }

    /// How the text is marked up.
    pub fn markup(&self) -> Markup {
        self.reading.markup
    }

    /// Opens a part.
    pub fn open(&mut self, part: Open) {
        self.flush();
        if self.stack.len() >= DEEPEST || self.skipped > 0 || !self.takes(1) {
            self.skipped += 1;
        } else {
            self.stack.push((part, None, Vec::new()));
        }
    }

    /// Closes the part that was opened last.
    pub fn close(&mut self) {
        self.flush();
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        let Some((part, checked, children)) = self.stack.pop() else { return };
        if children.is_empty() && !matches!(part, Open::Cell | Open::Item) {
            return;
        }
        let node = match part {
            Open::Paragraph => ProseNode::Paragraph { children },
            Open::Heading(level) => ProseNode::Heading { level, children },
            Open::Quote => ProseNode::Quote { children },
            Open::List(start) => ProseNode::List { start, children },
            Open::Item => ProseNode::Item { checked, children },
            Open::Table => ProseNode::Table { children },
            Open::Row(head) => ProseNode::TableRow { head, children },
            Open::Cell => ProseNode::TableCell { children },
            Open::Emphasis => ProseNode::Emphasis { children },
            Open::Strong => ProseNode::Strong { children },
            Open::Strike => ProseNode::Strike { children },
            Open::Link(address) => ProseNode::Link { link: self.link(&address), children },
        };
        // Counted when it was opened.
        self.attach(node);
    }

    /// Says of the innermost item whether it is done.
    pub fn check(&mut self, done: bool) {
        if let Some((Open::Item, checked, _)) = self.stack.last_mut() {
            *checked = Some(done);
        }
    }

    /// Words, with the addresses in them as links.
    pub fn text(&mut self, text: &str) {
        if !self.spent {
            self.words.push_str(text);
        }
    }

    /// Code within a line.
    pub fn code(&mut self, text: &str) {
        self.flush();
        self.push(ProseNode::Code { text: line(text) });
    }

    /// Lines of code.
    pub fn code_block(&mut self, text: &str) {
        self.flush();
        self.push(ProseNode::CodeBlock { text: plain(text.trim_end_matches('\n')) });
    }

    /// A picture.
    pub fn image(&mut self, address: &str, alt: &str) {
        self.flush();
        if !self.spent {
            let link = self.link(address);
            self.push(ProseNode::Image { link, alt: line(alt) });
        }
    }

    /// A line break.
    pub fn line_break(&mut self) {
        self.flush();
        self.push(ProseNode::Break);
    }

    /// A line between parts.
    pub fn rule(&mut self) {
        self.flush();
        self.push(ProseNode::Rule);
    }

    /// The tree, and whether the budget was spent before the text ended.
    pub fn finish(mut self) -> (Vec<ProseNode>, bool) {
        self.skipped = 0;
        while !self.stack.is_empty() {
            self.close();
        }
        self.flush();
        (self.top, self.spent)
    }

    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        if words.is_empty() {
            return;
        }
        if self.stack.iter().any(|(part, ..)| matches!(part, Open::Link(_))) {
            self.push(self::words(&words));
            return;
        }
        for (piece, is_address) in links::split(&words) {
            if self.spent {
                return;
            }
            let node = self::words(piece);
            if is_address {
                if self.takes(2) {
                    let link = self.link(piece);
                    self.attach(ProseNode::Link { link, children: vec![node] });
                }
            } else {
                self.push(node);
            }
        }
    }

    fn push(&mut self, node: ProseNode) {
        if self.takes(1) {
            self.attach(node);
        }
    }

    /// Whether the budget has room for so many nodes; they are counted.
    fn takes(&mut self, nodes: usize) -> bool {
        self.spent |= self.reading.left < nodes;
        if self.spent {
            self.reading.left = 0;
            return false;
        }
        self.reading.left -= nodes;
        true
    }

    fn attach(&mut self, node: ProseNode) {
        match self.stack.last_mut() {
            Some((.., children)) => children.push(node),
            None => self.top.push(node),
        }
    }

    fn link(&mut self, address: &str) -> ProseLink {
        let index = u32::try_from(self.reading.addresses.len()).unwrap_or(u32::MAX);
        let allowed = checked_link(address, self.reading.own).is_ok();
        let host = links::host(address);
        // One that is never opened needs no place in memory.
        self.reading.addresses.push(if allowed { address.to_owned() } else { String::new() });
        ProseLink { index, host: line(&host), allowed }
    }
}
