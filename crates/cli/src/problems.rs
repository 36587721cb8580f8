//! Everything that failed or belongs to no service.

use qd_api::App;
use qd_api::commands::Nothing;
use qd_api::view::ProblemView;
use serde_json::json;

use crate::out::{self, Exit, Failure};

/// `qd problems`.
pub async fn problems(app: &App, json: bool) -> Result<Exit, Failure> {
    let problems = app.problems(Nothing {}).await?;
    if json {
        out::items(app, problems.iter().map(|problem| json!(problem)).collect()).await?;
    } else if problems.is_empty() {
        out::lines(["No problems."])?;
    } else {
        out::table(&["WHAT", "WHERE", "PROBLEM"], &problems.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(if problems.iter().any(fails) { Exit::Failing } else { Exit::Fine })
}

/// Whether something does not work. What is merely ignored, or belongs to no service, is shown all the same.
fn fails(problem: &ProblemView) -> bool {
    match problem {
        ProblemView::Config { broken, .. } => *broken,
        ProblemView::Source { .. } | ProblemView::Unread { .. } => true,
        ProblemView::Unmatched { .. } => false,
    }
}

fn row(problem: &ProblemView) -> Vec<String> {
    let (what, place, text) = match problem {
        ProblemView::Config { broken, message, file, line } => {
            let file = file.as_deref().unwrap_or_default();
            let place = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
            (if *broken { "mistake" } else { "warning" }, place, message.clone())
        }
        ProblemView::Source { source, health, .. } => {
            let next = health.next_at.map_or_else(
                || "; not tried again by itself".to_owned(),
                |at| format!("; next try {}", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            );
            ("failing", source.clone(), format!("{}{next}", qd_api::health_words(health)))
        }
        ProblemView::Unread { source, message } => ("unread", source.clone(), message.clone()),
        ProblemView::Unmatched { kind, count, query } => {
            let text = format!("{count} belong to no service: qd {kind}s --filter {query}");
            ("unmatched", format!("{kind}s"), text)
        }
    };
    vec![what.to_owned(), place, text]
}
