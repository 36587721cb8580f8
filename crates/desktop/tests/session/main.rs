//! Tray and notifications on a session bus of the test's own, against services that speak the desktop's protocols.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test panics where the product does something else"
)]

mod bus;
mod daemon;
mod watcher;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;
use qd_api::config::Desktop;
use qd_api::desktop::{Arrival, Notification, Notifier, Tray, TrayEntry, Urgency};
use qd_desktop::notifications::Notifications;
use qd_desktop::{Ask, tray};
use qd_model::Status;
use tokio::sync::{mpsc, watch};

use bus::{in_session, until, without_a_bus};

fn asks() -> (qd_desktop::Asks, Arc<Mutex<Vec<Ask>>>) {
    let heard: Arc<Mutex<Vec<Ask>>> = Arc::default();
    let hear = heard.clone();
    (Arc::new(move |ask| hear.lock().unwrap().push(ask)), heard)
}

fn alert() -> Arrival {
    Arrival::at("#/alerts?open=am%2Falert%2F1".to_owned(), None)
}

fn silence() -> Arrival {
    Arrival { verb: Some("silence".to_owned()), ..alert() }
}

fn state(worst: Status, count: u32) -> Tray {
    let entry =
        TrayEntry { label: "shop · <b>_Latency_</b>".to_owned(), status: Status::Paging, to: alert() };
    Tray {
        worst,
        count,
        summary: format!("Quarterdeck: {} ({count})", worst.as_str()),
        entries: if count == 0 { Vec::new() } else { vec![entry] },
        paused: false,
        desktop: Desktop::default(),
    }
}

/// A tray whose state the test sends.
struct Shown {
    states: mpsc::UnboundedSender<Tray>,
    present: watch::Receiver<Option<bool>>,
    heard: Arc<Mutex<Vec<Ask>>>,
}

fn show() -> Shown {
    let (states, coming) = mpsc::unbounded_channel();
    let coming = stream::unfold(coming, |mut coming| async { Some((coming.recv().await?, coming)) });
    let (tell, present) = watch::channel(None);
    let (asks, heard) = asks();
    tokio::spawn(tray::run(coming, asks, tell));
    Shown { states, present, heard }
}

fn notification() -> Notification {
    Notification {
        about: Some("am/alert/1".parse().unwrap()),
        title: "Critical alert: <b>Latency</b>".to_owned(),
        body: "shop & co <img src=x>".to_owned(),
        urgency: Urgency::Critical,
        open: alert(),
        buttons: vec![("Open".to_owned(), alert()), ("Silence…".to_owned(), silence())],
    }
}

#[test]
fn the_icon_registers_shows_the_worst_and_its_menu_works() {
    in_session("the_icon_registers_shows_the_worst_and_its_menu_works", || async {
        let watcher = watcher::start().await;
        let shown = show();
        shown.states.send(state(Status::Unknown, 0)).unwrap();
        let item = until("the icon registers", || watcher.item()).await;
        assert_eq!(item.text("Title").await, "Quarterdeck: unknown (0)");
        let unknown = item.pixels().await;
        assert_eq!(
            item.menu().await,
            ["Open Quarterdeck", "", "Pause notifications for 1 hour", "Quit"],
            "a menu is always there"
        );

        shown.states.send(state(Status::Paging, 2)).unwrap();
        let what = "the icon follows";
        until(what, || async { (item.text("Title").await == "Quarterdeck: paging (2)").then_some(()) }).await;
        assert_ne!(item.pixels().await, unknown);
        assert_eq!(item.text("Status").await, "NeedsAttention");
        assert!(item.tooltip().await.contains("&lt;b&gt;_Latency_"), "a backend's text is no markup");
        let menu = item.menu().await;
        assert_eq!(menu[2], "Paging: shop · <b>__Latency__</b>", "underscores are no access keys");

        item.click("Paging: shop · <b>__Latency__</b>").await;
        item.click("Pause notifications for 1 hour").await;
        item.click("Quit").await;
        item.activate().await;
        let wanted = [Ask::Open(Some(alert())), Ask::Pause(60), Ask::Quit, Ask::Open(None)];
        until("the clicks are heard", || async { (*shown.heard.lock().unwrap() == wanted).then_some(()) })
            .await;

        shown.states.send(Tray { paused: true, ..state(Status::Ok, 0) }).unwrap();
        until("a pause can be ended", || async {
            item.menu().await.contains(&"Resume notifications".to_owned()).then_some(())
        })
        .await;
    });
}

#[test]
fn without_a_tray_nothing_breaks_and_one_that_comes_later_is_found() {
    in_session("without_a_tray_nothing_breaks_and_one_that_comes_later_is_found", || async {
        let mut shown = show();
        shown.states.send(state(Status::Ok, 0)).unwrap();
        shown.present.wait_for(|present| *present == Some(false)).await.unwrap();
        shown.states.send(state(Status::Paging, 3)).unwrap();
        let watcher = watcher::start().await;
        shown.present.wait_for(|present| *present == Some(true)).await.unwrap();
        let item = until("the icon registers", || watcher.item()).await;
        assert_eq!(item.text("Title").await, "Quarterdeck: paging (3)");
        watcher.stop().await;
        shown.present.wait_for(|present| *present == Some(false)).await.unwrap();
    });
}

#[test]
fn the_tray_goes_when_it_is_switched_off() {
    in_session("the_tray_goes_when_it_is_switched_off", || async {
        let watcher = watcher::start().await;
        let mut shown = show();
        shown.states.send(state(Status::Ok, 0)).unwrap();
        let item = until("the icon registers", || watcher.item()).await;
        let off = Desktop { tray: false, ..Desktop::default() };
        shown.states.send(Tray { desktop: off, ..state(Status::Ok, 0) }).unwrap();
        shown.present.wait_for(|present| *present == Some(false)).await.unwrap();
        until("the icon is gone", || async { item.is_gone().await.then_some(()) }).await;
    });
}

#[test]
fn without_a_bus_there_is_no_tray_and_notifications_say_why() {
    without_a_bus("without_a_bus_there_is_no_tray_and_notifications_say_why", || async {
        let mut shown = show();
        shown.states.send(state(Status::Ok, 0)).unwrap();
        shown.present.wait_for(|present| *present == Some(false)).await.unwrap();
        shown.states.send(state(Status::Paging, 1)).unwrap();
        let (asks, _) = asks();
        let problem = Notifications::new(asks).show(notification()).await.unwrap_err();
        assert_eq!(problem, "this session has no message bus (D-Bus)");
    });
}

#[test]
fn a_notification_is_shown_and_its_buttons_lead_into_the_window() {
    in_session("a_notification_is_shown_and_its_buttons_lead_into_the_window", || async {
        let daemon = daemon::start(&["body", "body-markup", "actions"]).await;
        let (asks, heard) = asks();
        let notifications = Notifications::new(asks);
        let listening = notifications.clone();
        tokio::spawn(async move { listening.listen().await });
        notifications.show(notification()).await.unwrap();
        let shown = daemon.shown();
        assert_eq!(
            shown[0].title, "Critical alert: <b>Latency</b>",
            "a title is plain text by the specification"
        );
        assert_eq!(shown[0].body, "shop &amp; co &lt;img src=x&gt;", "a backend's text is no markup");
        assert_eq!(shown[0].actions, ["default", "Open", "button0", "Open", "button1", "Silence…"]);
        assert_eq!(shown[0].urgency, 2);

        // Until its signals are listened to, a click is not heard; a person clicks later.
        until("clicks are heard", || async {
            daemon.click(shown[0].id, "button1").await;
            (!heard.lock().unwrap().is_empty()).then_some(())
        })
        .await;
        daemon.click(shown[0].id, "default").await;
        daemon.click(999, "default").await;
        until("both lead somewhere", || async {
            let heard = heard.lock().unwrap();
            (heard.first() == Some(&Ask::Open(Some(silence())))
                && heard.last() == Some(&Ask::Open(Some(alert()))))
            .then_some(())
        })
        .await;

        notifications.withdraw(&"am/alert/2".parse().unwrap()).await;
        assert!(daemon.closed().is_empty(), "another one's trouble");
        notifications.withdraw(&"am/alert/1".parse().unwrap()).await;
        assert_eq!(daemon.closed(), [shown[0].id]);
    });
}

#[test]
fn a_desktop_without_buttons_or_markup_gets_plain_text() {
    in_session("a_desktop_without_buttons_or_markup_gets_plain_text", || async {
        let daemon = daemon::start(&["body"]).await;
        Notifications::new(asks().0).show(notification()).await.unwrap();
        let shown = daemon.shown();
        assert_eq!(shown[0].body, "shop & co <img src=x>");
        assert!(shown[0].actions.is_empty());
    });
}

#[test]
fn a_desktop_without_notifications_is_told_apart_from_one_that_hangs() {
    in_session("a_desktop_without_notifications_is_told_apart_from_one_that_hangs", || async {
        let notifications = Notifications::new(asks().0);
        let problem = notifications.show(notification()).await.unwrap_err();
        assert_eq!(problem, "nothing on this desktop shows notifications");
        let _hanging = daemon::start(&["hangs"]).await;
        let before = std::time::Instant::now();
        let problem = notifications.show(notification()).await.unwrap_err();
        assert_eq!(problem, "the desktop's notification service does not answer");
        assert!(before.elapsed() < Duration::from_secs(20));
    });
}
