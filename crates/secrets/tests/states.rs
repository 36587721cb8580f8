//! Each way a keychain can stand, told apart; and what a vault does about slow ones. On a fake keychain.
#![allow(clippy::unwrap_used, reason = "clippy allows it in test functions, not in their helpers")]

mod support;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use keyring::Error;
use qd_secrets::{CredentialRef, Durability, KeychainState, Secret, Vault, VaultError};
use support::{Call, Fake, SOFT, cause};

const ID: &str = "alerts";

async fn read(vault: &Vault) -> Result<String, VaultError> {
    let found = vault.resolve(ID, &CredentialRef::Keychain, None).await?;
    Ok(found.expect("the keychain's answer is a credential or an error").expose().to_owned())
}

async fn save(vault: &Vault, secret: &str) -> Result<(), VaultError> {
    vault.set(ID, Secret::new(secret), Durability::Keychain).await
}

fn is(state: KeychainState) -> VaultError {
    VaultError::Keychain(state)
}

/// Reading and saving both end in `expected`, within the soft time-out and with nothing saved.
async fn check(fake: &Fake, expected: KeychainState) {
    let vault = fake.vault();
    let began = Instant::now();
    assert_eq!(read(&vault).await, Err(is(expected)), "reading");
    assert_eq!(save(&vault, "new").await, Err(is(expected)), "saving");
    assert!(began.elapsed() < SOFT * 3, "each call ends with the soft time-out at the latest");
    assert!(fake.holds(ID).is_empty(), "nothing was saved");
    assert_eq!(*vault.watch().borrow(), Some(expected), "watchers see the state");
}

#[tokio::test]
async fn what_is_saved_is_found_by_another_vault_and_gone_after_delete() {
    let fake = Fake::new();
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(VaultError::Missing));
    save(&vault, "token").await.unwrap();
    assert_eq!(read(&fake.vault()).await.unwrap(), "token");
    save(&vault, "newer").await.unwrap();
    assert_eq!(read(&vault).await.unwrap(), "newer");
    vault.delete(ID).await.unwrap();
    vault.delete(ID).await.expect("deleting what is absent is fine");
    assert_eq!(read(&vault).await, Err(VaultError::Missing));
    assert_eq!(vault.state().await, KeychainState::Ready);
}

#[tokio::test]
async fn no_session_bus_is_told() {
    let fake = Fake::new();
    fake.now().state = KeychainState::NoSessionBus;
    check(&fake, KeychainState::NoSessionBus).await;
}

#[tokio::test]
async fn no_service_is_told_and_a_service_that_starts_later_is_found() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    fake.now().state = KeychainState::NoService;
    fake.fail(|_| Some(Error::PlatformFailure(cause("no such service"))));
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(is(KeychainState::NoService)));
    fake.work_again();
    assert_eq!(read(&vault).await.unwrap(), "token", "a failed start is not remembered");
}

#[tokio::test]
async fn a_start_that_fails_is_tried_again() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    fake.fail(|call| (call == Call::Open).then(|| Error::PlatformFailure(cause("not yet"))));
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(is(KeychainState::Failing)));
    fake.work_again();
    assert_eq!(read(&vault).await.unwrap(), "token");
}

#[tokio::test]
async fn no_collection_is_not_taken_for_no_token() {
    let fake = Fake::new();
    fake.now().state = KeychainState::NoCollection;
    check(&fake, KeychainState::NoCollection).await;
    fake.put(ID, b"token");
    assert_eq!(read(&fake.vault()).await.unwrap(), "token", "an item in another collection is still found");
}

#[tokio::test]
async fn locked_and_then_unlocked_by_the_prompt_gives_the_token() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    fake.now().state = KeychainState::Locked;
    assert_eq!(read(&fake.vault()).await.unwrap(), "token");
}

#[tokio::test]
async fn locked_without_a_screen_is_locked() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.now().screen = false;
    fake.fail(|_| Some(Error::NoStorageAccess(cause("prompt dismissed"))));
    check(&fake, KeychainState::Locked).await;
}

#[tokio::test]
async fn a_dismissed_prompt_is_told_once_and_not_opened_again_by_itself() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.put(ID, b"token");
    fake.fail(|_| Some(Error::NoStorageAccess(cause("prompt dismissed"))));
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(is(KeychainState::PromptDismissed)));
    let asked = fake.now().calls.len();
    assert_eq!(read(&vault).await, Err(is(KeychainState::Locked)));
    assert_eq!(fake.now().calls.len(), asked, "a poll doesn't prompt again");
    assert_eq!(vault.ask_again(ID).await.unwrap_err(), is(KeychainState::PromptDismissed), "a person may");
    fake.work_again();
    assert_eq!(read(&vault).await.unwrap(), "token", "once unlocked, polls find it by themselves");
}

#[tokio::test]
async fn a_refused_item_of_an_open_keychain_is_not_prompted_for_by_polls_either() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    fake.fail(|_| Some(Error::NoStorageAccess(cause("denied by the person"))));
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(is(KeychainState::PromptDismissed)));
    fake.work_again();
    assert_eq!(read(&vault).await, Err(is(KeychainState::Locked)), "the person has to ask");
    assert_eq!(vault.ask_again(ID).await.unwrap().expose(), "token");
    assert_eq!(read(&vault).await.unwrap(), "token", "allowed once, polls go on");
}

#[tokio::test]
async fn an_ignored_prompt_is_told_after_the_soft_timeout_and_blocks_nobody_else_longer() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    let began = Instant::now();
    let (first, second, state, by_variable) = tokio::join!(
        read(&vault),
        vault.resolve("other", &CredentialRef::Keychain, None),
        vault.state(),
        vault.resolve(ID, &CredentialRef::None, None),
    );
    let ignored = KeychainState::PromptIgnored { after: SOFT };
    assert_eq!(first, Err(is(ignored)));
    assert_eq!(second.unwrap_err(), is(ignored));
    assert_eq!(state, ignored);
    assert!(by_variable.unwrap().is_none(), "what needs no keychain doesn't wait for it");
    assert!(began.elapsed() < SOFT * 2, "all waited at the same time: {:?}", began.elapsed());
    fake.unblock();
}

#[tokio::test]
async fn a_late_answer_is_kept_for_the_next_caller_and_rings() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    read(&vault).await.unwrap_err();
    let mut seen = vault.watch();
    seen.mark_unchanged();
    fake.unblock();
    tokio::time::timeout(Duration::from_secs(10), seen.changed()).await.expect("rings").unwrap();
    assert_eq!(*seen.borrow(), Some(KeychainState::Ready));
    assert_eq!(fake.count(Call::Get), 1);
    assert_eq!(read(&vault).await.unwrap(), "token");
    assert_eq!(fake.count(Call::Get), 1, "the late answer was used");
    assert_eq!(read(&vault).await.unwrap(), "token");
    assert_eq!(fake.count(Call::Get), 2, "only once: the keychain may hold another by now");
}

#[tokio::test]
async fn a_token_typed_while_the_prompt_is_open_is_saved_when_it_is_answered() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    assert_eq!(save(&vault, "typed").await, Err(is(KeychainState::PromptIgnored { after: SOFT })));
    fake.unblock();
    assert_eq!(read(&vault).await.unwrap(), "typed");
}

#[tokio::test]
async fn choosing_the_session_keeps_a_save_that_ends_late_out_of_the_keychain() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    save(&vault, "typed").await.unwrap_err();
    vault.set(ID, Secret::new("typed"), Durability::SessionOnly).await.unwrap();
    let mut seen = vault.watch();
    seen.mark_unchanged();
    fake.unblock();
    tokio::time::timeout(Duration::from_secs(10), seen.changed()).await.expect("rings").unwrap();
    assert!(fake.holds(ID).is_empty(), "the person chose the session");
    assert_eq!(read(&vault).await.unwrap(), "typed");
}

#[tokio::test]
async fn a_save_that_waited_behind_a_prompt_in_vain_is_not_begun_afterwards() {
    let fake = Fake::new();
    fake.now().state = KeychainState::Locked;
    fake.now().blocked = true;
    let vault = fake.vault();
    let (_, saved) =
        tokio::join!(read(&vault), vault.set("other", Secret::new("typed"), Durability::Keychain));
    assert_eq!(saved, Err(is(KeychainState::PromptIgnored { after: SOFT })));
    fake.unblock();
    assert_eq!(read(&vault).await, Err(VaultError::Missing));
    assert_eq!(fake.count(Call::Set), 0, "it was told as failed, so it doesn't happen");
}

#[tokio::test]
async fn a_call_that_never_ends_is_given_up_and_the_keychain_is_asked_anew() {
    let fake = Fake::new();
    fake.now().blocked = true;
    let vault = fake.vault_with(|options| options.hard_timeout = SOFT * 2);
    assert_eq!(read(&vault).await, Err(is(KeychainState::NotAnswering { after: SOFT })));
    assert_eq!(read(&vault).await, Err(is(KeychainState::NotAnswering { after: SOFT })));
    tokio::time::sleep(SOFT).await;
    // The first call stays in its thread for ever: a fresh thread takes the next.
    let asked = fake.count(Call::Open);
    read(&vault).await.unwrap_err();
    assert_eq!(fake.count(Call::Open), asked + 1, "a new thread has opened the keychain anew");
    fake.put(ID, b"token");
    fake.unblock();
    assert_eq!(read(&vault).await.unwrap(), "token");
}

#[tokio::test]
async fn a_keychain_that_refuses_to_save_is_read_only() {
    let fake = Fake::new();
    fake.put(ID, b"old");
    fake.fail(|call| (call == Call::Set).then(|| Error::PlatformFailure(cause("write-protected"))));
    let vault = fake.vault();
    assert_eq!(save(&vault, "new").await, Err(is(KeychainState::ReadOnly)));
    assert_eq!(read(&vault).await.unwrap(), "old", "reading goes on");
}

#[tokio::test]
async fn a_token_too_long_for_the_keychain_is_told_with_the_limit() {
    let fake = Fake::new();
    fake.fail(|call| (call == Call::Set).then(|| Error::TooLong("secret".into(), 2560)));
    assert_eq!(save(&fake.vault(), "new").await, Err(VaultError::TooLong { limit: 2560 }));
}

#[tokio::test]
async fn duplicates_are_told_and_delete_removes_them_all() {
    let fake = Fake::new();
    fake.put(ID, b"one");
    fake.put(ID, b"two");
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(VaultError::Ambiguous));
    assert_eq!(save(&vault, "new").await, Err(VaultError::Ambiguous), "which one to replace is not guessed");
    vault.delete(ID).await.unwrap();
    assert!(fake.holds(ID).is_empty());
    save(&vault, "new").await.unwrap();
}

#[tokio::test]
async fn what_is_not_text_is_no_credential() {
    let fake = Fake::new();
    fake.put(ID, &[0xff, 0xfe]);
    assert_eq!(read(&fake.vault()).await, Err(VaultError::BadEncoding));
    fake.fail(|_| Some(Error::BadDataFormat(vec![1], cause("sealed otherwise"))));
    assert_eq!(read(&fake.vault()).await, Err(VaultError::BadEncoding));
}

#[tokio::test]
async fn a_keychain_that_vanishes_is_told_and_found_again_when_it_is_back() {
    let fake = Fake::new();
    let vault = fake.vault();
    save(&vault, "token").await.unwrap();
    fake.now().state = KeychainState::NoService;
    assert_eq!(read(&vault).await, Err(is(KeychainState::NoService)));
    fake.work_again();
    assert_eq!(read(&vault).await.unwrap(), "token");
}

#[tokio::test]
async fn a_keychain_restarted_between_two_calls_is_opened_anew_without_notice() {
    let fake = Fake::new();
    let vault = fake.vault();
    save(&vault, "token").await.unwrap();
    // The old session is gone: the next call fails, later ones don't.
    let gone = AtomicBool::new(true);
    fake.fail(move |call| {
        let fails = call == Call::Get && gone.swap(false, Ordering::SeqCst);
        fails.then(|| Error::PlatformFailure(cause("no such session")))
    });
    assert_eq!(read(&vault).await.unwrap(), "token");
    assert_eq!(fake.count(Call::Open), 2, "opened anew once");
}

#[tokio::test]
async fn a_keychain_that_keeps_failing_is_asked_twice_and_told() {
    let fake = Fake::new();
    let vault = fake.vault();
    save(&vault, "token").await.unwrap();
    let asked = fake.count(Call::Get);
    fake.fail(|call| (call == Call::Get).then(|| Error::PlatformFailure(cause("no"))));
    assert_eq!(read(&vault).await, Err(is(KeychainState::Failing)));
    assert_eq!(fake.count(Call::Get), asked + 2);
}

#[tokio::test]
async fn what_does_not_come_back_as_saved_is_an_error_and_removed() {
    let fake = Fake::new();
    fake.now().garbles = true;
    assert_eq!(save(&fake.vault(), "token").await, Err(VaultError::ReadBackDiffers));
    assert!(fake.holds(ID).is_empty());
}

#[tokio::test]
async fn a_call_that_panics_is_a_failing_keychain_and_the_next_one_works() {
    let fake = Fake::new();
    fake.put(ID, b"token");
    let armed = AtomicBool::new(true);
    fake.panic_if(move |call| call == Call::Open && armed.swap(false, Ordering::SeqCst));
    let vault = fake.vault();
    assert_eq!(read(&vault).await, Err(is(KeychainState::Failing)));
    assert_eq!(read(&vault).await.unwrap(), "token");
}

#[tokio::test]
async fn without_a_keychain_credentials_last_for_the_session() {
    let vault = Vault::session_only(support::options());
    assert_eq!(save(&vault, "token").await.unwrap_err().code(), "unsupported");
    vault.set(ID, Secret::new("token"), Durability::SessionOnly).await.unwrap();
    assert_eq!(read(&vault).await.unwrap(), "token");
    vault.delete(ID).await.unwrap();
    assert_eq!(read(&vault).await.unwrap_err().code(), "unsupported");
}

#[tokio::test]
async fn an_empty_credential_and_a_strange_id_are_refused_before_the_keychain() {
    let fake = Fake::new();
    let vault = fake.vault();
    assert_eq!(save(&vault, "").await, Err(VaultError::Empty));
    let strange = vault.set("a/b", Secret::new("token"), Durability::Keychain).await;
    assert_eq!(strange, Err(VaultError::BadId));
    assert!(fake.now().calls.is_empty());
}
