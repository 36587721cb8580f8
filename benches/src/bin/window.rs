//! What a hand on the real window feels: another view, a key in the filter, scrolling; with 100,000 runs in the list.
//!
//! ```text
//! cargo xtask bench window           (or: window --transitions 400000)
//! ```
//!
//! Beside each, in the same window: a frame in which nothing changes, and for another view what the browser alone takes for
//! as many nodes. The window is a release build that may be driven (feature `drivable`), on a screen without a graphics card.

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    linux::main().await
}

#[cfg(not(target_os = "linux"))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("the window is driven on Linux only")
}

#[cfg(target_os = "linux")]
mod linux {
    use anyhow::{Context, Result};
    use qd_benches::{Report, alerts, home, option};
    use qd_window_tests::{Page, Rig};
    use serde_json::{Value, json};

    const SCRIPT: &str = include_str!("../window.js");
    const PRODUCT: &str = "quarterdeck";
    const FLOOR: &str = "floor: a frame in which nothing changes";
    const BROWSER: &str = "floor: the browser alone, for a copy of the same nodes";
    const VIEWS: [&str; 5] = ["overview", "pipelines", "deployments", "alerts", "tickets"];
    const ROUNDS: usize = 9;
    /// Words as they come in the made-up titles; each of their letters is a key.
    const WORDS: [&str; 6] =
        ["payments", "timeouts", "Speed up", "webhook", "service:search state:failing", "grace"];
    /// A turn of the wheel in each frame, a page in each frame, and a thumb that is dragged from one end to the other in
    /// about five seconds.
    const SPEEDS: [(&str, u32); 3] =
        [("wheel: 3 rows a frame", 84), ("keys: 25 rows a frame", 700), ("thumb: 300 rows a frame", 8_400)];
    const JUMPS: usize = 15;
    /// So many rows a list asks for when its question is a new one.
    const FIRST_ROWS: u32 = 60;
    const SCROLL_MS: u32 = 6_000;
    const STILL_FRAMES: usize = 60;

    pub async fn main() -> Result<()> {
        let transitions = option("transitions")?.unwrap_or(400_000);
        let mut report = Report::default();
        let Some(mut rig) = Rig::ready("window") else {
            report.absent("what drives a window: see the line above");
            report.finish();
            return Ok(());
        };
        let folder = tempfile::tempdir()?;
        let server = alerts::firing(folder.path(), 200)?;
        let address = server.as_ref().map_or_else(|| "http://127.0.0.1:9".to_owned(), |server| server.url());
        settle(&rig, transitions, &address).await?;
        rig.next_size(1280, 800);
        let page = rig.open().await;
        page.see_css("main [role=row]").await;
        page.script(SCRIPT).await;

        let mut still = Vec::new();
        for _ in 0..STILL_FRAMES {
            still.push(number(&told(&page, "still()").await?)?);
        }
        views(&page, &mut report, &still).await?;
        keys(&page, &mut report, still).await?;
        scrolling(&page, &mut report).await?;
        report.finish();
        Ok(())
    }

    /// The made-up past in the rig's home, as if it had been observed there.
    async fn settle(rig: &Rig, transitions: u64, address: &str) -> Result<()> {
        home::town(transitions, &rig.home()).await?;
        let names = home::sources();
        home::connect(&rig.home(), &names.iter().map(String::as_str).collect::<Vec<_>>(), address, 3600)?;
        let app = home::open(&rig.home()).await?;
        app.sync().await?;
        app.stop().await;
        Ok(())
    }

    async fn views(page: &Page, report: &mut Report, still: &[f64]) -> Result<()> {
        let metric = "another view, from the click to its rows";
        let (mut all, mut alone, mut nodes) = (Vec::new(), Vec::new(), 0);
        for round in 0..=ROUNDS {
            for view in VIEWS {
                let told = told(page, &format!("view({})", json!(view))).await?;
                nodes = nodes.max(told["nodes"].as_u64().unwrap_or_default());
                // In the first round each view is made.
                if round > 0 {
                    all.push(number(&told["took"])?);
                    alone.push(number(&self::told(page, "copy()").await?)?);
                }
            }
        }
        report.values(metric, FLOOR, still.to_vec(), "ms");
        report.reference_values(metric, BROWSER, alone, "ms");
        report.values(metric, PRODUCT, all, "ms");
        report.goal("another view, median", report.median(metric, PRODUCT), 80.0, "ms");
        report.goal("another view, p95", report.p95(metric, PRODUCT), 80.0, "ms");
        #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
        report.goal("nodes of the largest view", nodes as f64, 1_500.0, "");
        Ok(())
    }

    async fn keys(page: &Page, report: &mut Report, still: Vec<f64>) -> Result<()> {
        let metric = "a key in the filter, to the rows that answer it";
        page.script("location.hash = '#/pipelines?all=1'").await;
        let everything = answer(page, "").await?;
        told(page, &format!("key('', {everything})")).await?;
        let subject = format!("{PRODUCT}, {} runs", everything.0);
        let (mut all, mut silent) = (Vec::new(), 0);
        for word in WORDS {
            let mut before = everything.clone();
            for end in 1..=word.len() {
                let typed = &word[..end];
                // What cannot be read yet (`state:`) has no rows.
                let Ok(expected) = answer(page, typed).await else { continue };
                let told = told(page, &format!("key({}, {expected})", json!(typed))).await?;
                if expected == before {
                    silent += 1;
                } else {
                    all.push(number(&told["took"])?);
                }
                before = expected;
            }
            told(page, &format!("key('', {everything})")).await?;
        }
        report.reference_values(metric, FLOOR, still, "ms");
        report.values(metric, &subject, all, "ms");
        report.goal("a key in the filter, median", report.median(metric, &subject), 50.0, "ms");
        report.goal("a key in the filter, p95", report.p95(metric, &subject), 50.0, "ms");
        if silent > 0 {
            report.absent(&format!("{silent} keys after which the list looks as before"));
        }
        Ok(())
    }

    /// What the list shows when it has the answer to a query: how many runs at least, and which comes first.
    #[derive(Clone, PartialEq)]
    struct Answer(u64, Option<String>);

    impl std::fmt::Display for Answer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{}, {}", self.0, json!(self.1))
        }
    }

    /// The answer to a query, by the core's own word, to the question the list asks first.
    async fn answer(page: &Page, query: &str) -> Result<Answer> {
        let asked = json!({
            "kind": "run", "query": query, "all": true, "as_of": null, "newest": true, "offset": 0, "limit": FIRST_ROWS,
            "seen_seq": null,
        });
        let told = page.ask("rows", asked).await;
        let total = told["ok"]["total"].as_u64();
        let total = total.with_context(|| format!("no total for {query:?}: {told}"))?;
        Ok(Answer(total, told["ok"]["rows"][0]["id"].as_str().map(str::to_owned)))
    }

    async fn scrolling(page: &Page, report: &mut Report) -> Result<()> {
        let metric = "between two frames while the list scrolls";
        let mut jumps = Vec::new();
        for jump in 0..JUMPS {
            // Never the same place, and far from the last.
            jumps.push(number(&told(page, &format!("jump({})", (jump * 7 + 5) % JUMPS)).await?)?);
        }
        report.values("the rows of a place far away, after the thumb is let go", PRODUCT, jumps, "ms");
        let still = told(page, &format!("scroll(0, {SCROLL_MS})")).await?;
        report.reference_values(metric, "floor: the list stands", numbers(&still["frames"])?, "ms");
        for (name, pixels) in SPEEDS {
            let told = told(page, &format!("scroll({pixels}, {SCROLL_MS})")).await?;
            let subject = format!("{PRODUCT}, {name}");
            report.values(metric, &subject, numbers(&told["frames"])?, "ms");
            report.value(
                "longest time without a row where one belongs",
                &subject,
                number(&told["longest"])?,
                "ms",
            );
            report.goal(&format!("rows are blank no longer, {name}"), number(&told["longest"])?, 50.0, "ms");
        }
        Ok(())
    }

    /// What a measurement inside the window says.
    async fn told(page: &Page, call: &str) -> Result<Value> {
        let told = page.promised(&format!("return window.measured.{call}")).await;
        told.get("ok").cloned().with_context(|| format!("{call}: {told}"))
    }

    fn number(value: &Value) -> Result<f64> {
        value.as_f64().with_context(|| format!("{value} is no number"))
    }

    fn numbers(value: &Value) -> Result<Vec<f64>> {
        value.as_array().context("no list of numbers")?.iter().map(number).collect()
    }
}
