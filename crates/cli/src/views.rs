//! Saved views: the window's and the terminal's are the same.

use qd_api::App;
use qd_api::commands::Nothing;
use qd_api::view::SavedViewView;
use serde_json::json;

use crate::args::List;
use crate::out::{self, Exit, Failure};

/// `qd view list`.
pub async fn list(app: &App, json: bool) -> Result<Exit, Failure> {
    let views = app.settings(Nothing {}).await?.views;
    if json {
        out::items(app, views.iter().map(|view| json!(view)).collect()).await?;
    } else {
        let row = |view: &SavedViewView| vec![view.name.clone(), view.view.clone(), view.query.clone()];
        out::table(&["NAME", "VIEW", "QUERY"], &views.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(Exit::Fine)
}

/// Fills a list in from its saved view, when one is named; `view` is the window's word for what is listed. What is given
/// on the command line narrows further.
pub async fn apply(app: &App, list: List, view: &str) -> Result<List, Failure> {
    let Some(name) = &list.view else { return Ok(list) };
    let views = app.settings(Nothing {}).await?.views;
    let usage = |message: String| Failure { exit: Exit::Usage, message };
    let Some(saved) = views.iter().find(|saved| saved.name == *name) else {
        let names: Vec<&str> = views.iter().map(|saved| saved.name.as_str()).collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(usage(format!("there is no saved view '{name}'; there are: {there}")));
    };
    if saved.view != view {
        return Err(usage(format!("'{name}' is a view of {}, not of {view}", saved.view)));
    }
    let filter = [saved.query.as_str(), &list.filter].join(" ").trim().to_owned();
    Ok(List { filter, all: list.all || saved.all, view: None, ..list })
}
