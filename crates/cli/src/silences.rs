//! `qd silences`.

use qd_api::App;
use qd_api::view::SilenceRow;

use crate::lists::ago;
use crate::out::{self, Exit, Failure, say};

/// Asks every source that has silences, and prints them.
pub async fn list(app: &App, filter: &str, json: bool) -> Result<Exit, Failure> {
    app.configure().await?;
    let (mut silences, sources) = app.silences_read(true).await?;
    silences.retain(|(row, _)| contains(row, filter));
    if json {
        let items = silences.iter().map(|(row, silence)| qd_api::silence_item(row, silence)).collect();
        out::json(&qd_api::document(&app.sources(None).await?, items))?;
    } else {
        let rows: Vec<Vec<String>> = silences.iter().map(|(row, _)| cells(row, app)).collect();
        out::table(&["STATE", "ENDS", "HITS", "BY", "MATCHERS", "WHY", "MARKS", "SOURCE", "ID"], &rows)?;
    }
    let unread: Vec<_> = sources.iter().filter_map(|it| it.error.as_ref().map(|why| (it, why))).collect();
    for (source, why) in &unread {
        say(&format!("qd: the silences of {} could not be read: {why}", source.source));
    }
    for source in &sources {
        source.problems.iter().for_each(|problem| say(&format!("qd: {}: {problem}", source.source)));
    }
    Ok(if unread.is_empty() { Exit::Fine } else { Exit::Unreachable })
}

fn contains(row: &SilenceRow, text: &str) -> bool {
    let silence = &row.silence;
    let all = [&silence.comment, &silence.created_by, &silence.state, &row.matchers, &row.source];
    let wanted = text.to_lowercase();
    all.into_iter().chain(&row.marks).any(|part| part.to_lowercase().contains(&wanted))
}

/// The word of a state.
pub fn state(word: &str) -> &str {
    match word {
        "lapsed" => "ended, not confirmed",
        "expired" => "ended",
        word => word,
    }
}

fn cells(row: &SilenceRow, app: &App) -> Vec<String> {
    let silence = &row.silence;
    let or = |text: &str| if text.trim().is_empty() { "—".to_owned() } else { text.to_owned() };
    vec![
        format!("{}{}", state(&silence.state), if row.stale { " (old)" } else { "" }),
        silence.ends_at.map_or_else(|| "—".to_owned(), |at| ago(at, app.now())),
        row.hits.map_or_else(|| "?".to_owned(), |hits| hits.to_string()),
        or(&silence.created_by),
        silence.matchers.join(" "),
        or(&silence.comment),
        or(&row.marks.join(", ")),
        row.source.clone(),
        silence.id.clone(),
    ]
}
