//! The first start and the second.

use qd_window_tests::Rig;

use crate::support::Listener;

#[tokio::test]
async fn a_first_window_offers_to_add_a_connection_and_calls_nobody() {
    let Some(rig) = Rig::ready("a_first_window_offers_to_add_a_connection_and_calls_nobody") else { return };
    let network = Listener::start();
    let mut rig = ["http_proxy", "https_proxy", "all_proxy"]
        .iter()
        .fold(rig, |rig, name| rig.with_variable(name, &network.url))
        // The driver and the window talk to each other.
        .with_variable("no_proxy", "127.0.0.1,localhost");
    let page = rig.open().await;
    page.see("empty-unset").await;
    page.click("first-connection").await;
    for backend in ["alertmanager", "buildbot", "github", "redmine"] {
        page.see(&format!("backend-{backend}")).await;
    }
    assert_eq!(network.calls(), 0, "an empty window has nobody to ask");
}

#[tokio::test]
async fn a_second_start_of_the_same_home_ends_and_leaves_the_first_window() {
    let Some(mut rig) = Rig::ready("a_second_start_of_the_same_home_ends_and_leaves_the_first_window") else {
        return;
    };
    let page = rig.open().await;
    page.see("empty-unset").await;
    let (code, said) = rig.run_again();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the window is open already shown=true"), "{said}");
    page.see("empty-unset").await;
}
