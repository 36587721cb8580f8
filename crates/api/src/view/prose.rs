//! Prose of a backend as a tree of typed nodes: the window draws nodes and never sees markup.

use serde::Serialize;
use ts_rs::TS;

/// A body or a comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Prose {
    /// What it consists of, in order.
    pub nodes: Vec<ProseNode>,
    /// It is longer than what is shown here: the rest is to be read in the source.
    pub truncated: bool,
}

/// A part of prose. Text is cleaned, but it is a stranger's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "node", rename_all = "snake_case")]
pub enum ProseNode {
    /// A paragraph.
    Paragraph {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// What somebody else said.
    Quote {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// A list of items.
    List {
        /// Number of the first item; `None`: they have no numbers.
        start: Option<u32>,
        /// The items.
        children: Vec<ProseNode>,
    },
    /// An item of a list.
    Item {
        /// Of a task list: whether it is done.
        checked: Option<bool>,
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// Lines of code or of a log.
    CodeBlock {
        /// The lines.
        text: String,
    },
    /// A table.
    Table {
        /// Its rows.
        children: Vec<ProseNode>,
    },
    /// A row of a table.
    TableRow {
        /// It names the columns.
        head: bool,
        /// Its cells.
        children: Vec<ProseNode>,
    },
    /// A cell of a table.
    TableCell {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// A line between parts.
    Rule,
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// Code within a line.
    Code {
        /// The code.
        text: String,
    },
    /// Stressed.
    Emphasis {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// Stressed more.
    Strong {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// Taken back.
    Strike {
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// A link.
    Link {
        /// Where it leads.
        link: ProseLink,
        /// What is in it.
        children: Vec<ProseNode>,
    },
    /// A picture. It is never loaded; it can be opened like a link.
    Image {
        /// Where it lies.
        link: ProseLink,
        /// What it shows, as its author says.
        alt: String,
    },
    /// A line break.
    Break,
}

/// Where a link of prose leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProseLink {
    /// What `open_prose_link` wants.
    pub index: u32,
    /// Scheme, host and port: what the person should see before opening. Empty when it is no address.
    pub host: String,
    /// `false`: the address failed the check and cannot be opened.
    pub allowed: bool,
}
