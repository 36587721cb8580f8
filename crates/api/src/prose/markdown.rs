//! GitHub's Markdown, by the events of `pulldown-cmark`: it neither recurses nor goes back, so depth and length cost no
//! more than they are long.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::build::{Builder, Open};

/// Reads Markdown. `wrapped`: a line's end within a paragraph is no break.
pub fn read(text: &str, wrapped: bool, builder: &mut Builder<'_, '_>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader { builder, wrapped, gathered: None };
    for event in Parser::new_ext(text, options) {
        reader.take(event);
    }
}

/// Something whose words are gathered before they are judged.
enum Gathered {
    Code(String),
    Html(String),
    /// A picture: its address, its words, and the pictures and links within these words.
    Image(String, String, usize),
}

struct Reader<'b, 'r, 'a> {
    builder: &'b mut Builder<'r, 'a>,
    wrapped: bool,
    gathered: Option<Gathered>,
}

impl Reader<'_, '_, '_> {
    fn take(&mut self, event: Event<'_>) {
        if let Some(gathered) = &mut self.gathered {
            let done = gathered.take(&event);
            if done && let Some(gathered) = self.gathered.take() {
                self.settle(gathered);
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => self.builder.text(&text),
            Event::Code(text) => self.builder.code(&text),
            Event::InlineHtml(html) | Event::Html(html) => super::html::read(&html, self.builder),
            Event::SoftBreak if self.wrapped => self.builder.text(" "),
            Event::SoftBreak | Event::HardBreak => self.builder.line_break(),
            Event::Rule => self.builder.rule(),
            Event::TaskListMarker(done) => self.builder.check(done),
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.builder.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let part = match tag {
            Tag::Paragraph => Open::Paragraph,
            Tag::Heading { level, .. } => Open::Heading(number(level)),
            Tag::BlockQuote(_) => Open::Quote,
            Tag::List(start) => Open::List(start.map(|start| u32::try_from(start).unwrap_or(u32::MAX))),
            Tag::Item => Open::Item,
            Tag::Table(_) => Open::Table,
            Tag::TableHead => Open::Row(true),
            Tag::TableRow => Open::Row(false),
            Tag::TableCell => Open::Cell,
            Tag::Emphasis => Open::Emphasis,
            Tag::Strong => Open::Strong,
            Tag::Strikethrough => Open::Strike,
            Tag::Link { dest_url, .. } => Open::Link(dest_url.into_string()),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.gathered = Some(Gathered::Code(String::new()));
                return;
            }
            Tag::HtmlBlock => {
                self.gathered = Some(Gathered::Html(String::new()));
                return;
            }
            Tag::Image { dest_url, .. } => {
                self.gathered = Some(Gathered::Image(dest_url.into_string(), String::new(), 0));
                return;
            }
            // Not asked for.
            _ => Open::Paragraph,
        };
        self.builder.open(part);
    }

    fn end(&mut self, end: TagEnd) {
        if !matches!(end, TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image) {
            self.builder.close();
        }
    }

    fn settle(&mut self, gathered: Gathered) {
        match gathered {
            Gathered::Code(text) => self.builder.code_block(&text),
            Gathered::Html(html) => {
                self.builder.open(Open::Paragraph);
                super::html::read(html.trim(), self.builder);
                self.builder.close();
            }
            Gathered::Image(address, alt, _) => self.builder.image(&address, &alt),
        }
    }
}

impl Gathered {
    /// Takes an event. `true`: it was the end.
    fn take(&mut self, event: &Event<'_>) -> bool {
        match (self, event) {
            (Self::Code(_), Event::End(TagEnd::CodeBlock))
            | (Self::Html(_), Event::End(TagEnd::HtmlBlock)) => {
                return true;
            }
            (Self::Image(_, _, 0), Event::End(TagEnd::Image)) => return true,
            (Self::Image(_, _, inner), Event::Start(_)) => *inner += 1,
            (Self::Image(_, _, inner), Event::End(_)) => *inner -= 1,
            (
                Self::Code(all) | Self::Html(all) | Self::Image(_, all, _),
                Event::Text(text) | Event::Html(text) | Event::Code(text),
            ) => all.push_str(text),
            _ => {}
        }
        false
    }
}

fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
