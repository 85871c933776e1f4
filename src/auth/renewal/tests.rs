use std::sync::Mutex;

use serde_json::{Value, json};

use super::super::testing::{Asked, Reply, Server, lost, pat, reply, sign_in, site};
use super::*;
use crate::osc::TransportError;

const NOW: u64 = 1000;

struct Bench {
    store: Store,
    server: Arc<Server>,
    renewal: Renewal,
    _folder: tempfile::TempDir,
}

fn clock(seconds: u64) -> Clock {
    Clock::starting_at(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn renewal(store: &Store, server: &Arc<Server>, at: u64) -> Renewal {
    let exchange = Arc::clone(server) as Arc<dyn Exchange>;
    Renewal::new(store.clone(), site(), "acme", exchange, clock(at))
}

/// A sign-in that is about to end, and a server that answers like this.
async fn bench(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("kept"), false);
    let lock = store.lock().await.unwrap();
    let kept = sign_in("acme", NOW + 10);
    store.keep(&lock, &site(), &kept).unwrap();
    let server = Arc::new(Server::answering(answer));
    Bench {
        renewal: renewal(&store, &server, NOW),
        store,
        server,
        _folder: folder,
    }
}

impl Bench {
    async fn renewed(&self) -> Result<Renewed, Error> {
        self.renewal.renew(&pat("acme").into()).await
    }

    fn kept(&self) -> SignIn {
        self.store.read(&site(), "acme").unwrap().unwrap().0
    }

    fn folder(&self) -> std::path::PathBuf {
        self._folder.path().join("kept")
    }
}

fn next(turn: usize) -> Value {
    let access = format!("{}{turn}", pat("acme"));
    json!({ "access_token": access, "refresh_token": format!("r{turn}"), "expires_in": 3600 })
}

#[tokio::test]
async fn both_tokens_are_replaced_and_kept() {
    let bench = bench(|_| reply(200, &next(1))).await;
    let renewed = bench.renewed().await.unwrap();
    assert!(renewed.token.expose_secret().ends_with("canarypat1"));
    let kept = bench.kept();
    assert_eq!(kept.access.expose_secret(), renewed.token.expose_secret());
    assert_eq!(kept.refresh.unwrap().expose_secret(), "r1");
    assert_eq!(kept.renewing_since, None);
    let end = kept.expires.unwrap().duration_since(SystemTime::UNIX_EPOCH);
    assert_eq!(end.unwrap().as_secs(), NOW + 3600);
    let body = &bench.server.asked()[0].body;
    assert!(body.contains("grant_type=refresh_token&refresh_token=canaryrefresh"));
    assert!(body.contains("client_id=osc_1&client_secret=canarysecret"));
    assert!(!body.contains("verifier"));
}

#[tokio::test]
async fn an_answer_without_a_refresh_token_leaves_the_old_one() {
    let bench = bench(|_| reply(200, &json!({ "access_token": pat("acme") }))).await;
    bench.renewed().await.unwrap();
    assert_eq!(
        bench.kept().refresh.unwrap().expose_secret(),
        "canaryrefresh"
    );
}

#[tokio::test]
async fn two_at_once_spend_one_refresh_token() {
    let bench = bench(|_| reply(200, &next(1))).await;
    // A second renewal shares nothing with the first but the folder, as another process does.
    let other = renewal(&bench.store, &bench.server, NOW);
    let held = SecretString::from(pat("acme"));
    let (one, two) = tokio::join!(bench.renewal.renew(&held), other.renew(&held));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.token.expose_secret(), two.token.expose_secret());
    assert_eq!(bench.server.asked().len(), 1);
}

#[tokio::test]
async fn a_token_that_was_refused_before_its_end_is_renewed_all_the_same() {
    let bench = bench(|_| reply(200, &next(1))).await;
    let early = renewal(&bench.store, &bench.server, 0);
    early.renew(&pat("acme").into()).await.unwrap();
    assert_eq!(bench.server.asked().len(), 1);
}

#[tokio::test]
async fn death_between_answer_and_store_is_told_by_the_next_run() {
    let spent = Arc::new(Mutex::new(false));
    let bench = bench(move |_| {
        let mut spent = spent.lock().unwrap();
        if std::mem::replace(&mut *spent, true) {
            let words = json!({ "error": "invalid_grant", "error_description": "reused" });
            return reply(400, &words);
        }
        // The server has answered; what is dropped here never reaches the store.
        Err(lost(TransportKind::Broken))
    })
    .await;
    let first = bench.renewed().await.unwrap_err();
    assert_eq!(first.class, Class::Transient);
    // The old tokens are still there, with the note.
    let kept = bench.kept();
    assert_eq!(kept.access.expose_secret(), pat("acme"));
    assert!(kept.renewing_since.is_some());
    let later = renewal(&bench.store, &bench.server, NOW + 7200);
    let error = later.renew(&pat("acme").into()).await.unwrap_err();
    assert_eq!(error.class, Class::SignedOut);
    let words = error.to_string();
    assert!(words.contains("2 hours ago was interrupted"), "{words}");
    assert!(words.contains("invalid_grant"), "{words}");
}

#[tokio::test]
async fn the_note_is_there_before_the_request_is_sent() {
    let seen = Arc::new(Mutex::new(None));
    let folder: Arc<Mutex<Option<Store>>> = Arc::default();
    let (noted, store) = (Arc::clone(&seen), Arc::clone(&folder));
    let bench = bench(move |_| {
        let store = store.lock().unwrap().clone().unwrap();
        let (kept, _) = store.read(&site(), "acme").unwrap().unwrap();
        *noted.lock().unwrap() = kept.renewing_since;
        reply(200, &next(1))
    })
    .await;
    *folder.lock().unwrap() = Some(bench.store.clone());
    bench.renewed().await.unwrap();
    assert!(seen.lock().unwrap().is_some());
}

#[tokio::test]
async fn what_certainly_was_not_taken_leaves_no_note() {
    let gone = |kind| move |_: &Asked| -> Reply { Err(lost(kind)) };
    for kind in [
        TransportKind::Dns,
        TransportKind::Connect,
        TransportKind::Tls,
    ] {
        let bench = bench(gone(kind)).await;
        let error = bench.renewed().await.unwrap_err();
        assert_eq!(
            (error.class, error.transport),
            (Class::Transient, Some(kind))
        );
        assert_eq!(bench.kept().renewing_since, None, "{kind:?}");
    }
    let busy = bench(|_| reply(429, &json!({}))).await;
    assert_eq!(busy.renewed().await.unwrap_err().class, Class::Transient);
    assert_eq!(busy.kept().renewing_since, None);
    for answer in [
        Err::<(u16, Value), TransportError>(lost(TransportKind::Timeout)),
        Ok((504, json!(null))),
        Ok((200, json!({}))),
    ] {
        let open = bench(move |_| match &answer {
            Ok((status, body)) => reply(*status, body),
            Err(error) => Err(error.clone()),
        })
        .await;
        assert_eq!(open.renewed().await.unwrap_err().class, Class::Transient);
        assert!(open.kept().renewing_since.is_some());
    }
}

#[tokio::test]
async fn a_refusal_ends_the_sign_in_and_quotes_no_token() {
    let bench = bench(|asked| {
        let words = json!({ "error": "invalid_grant", "error_description": asked.body });
        reply(400, &words)
    })
    .await;
    let error = bench.renewed().await.unwrap_err();
    assert_eq!(error.class, Class::SignedOut);
    let words = format!("{error} {error:?}");
    assert!(!words.contains("canary"), "{words}");
}

#[tokio::test]
async fn an_answer_for_another_workspace_is_not_taken() {
    let bench = bench(|_| reply(200, &json!({ "access_token": pat("other") }))).await;
    let error = bench.renewed().await.unwrap_err();
    assert_eq!(error.class, Class::SignedOut);
    assert_eq!(bench.kept().claims.workspace, "acme");
}

#[tokio::test]
async fn a_sign_in_that_was_removed_meanwhile_has_ended() {
    let bench = bench(|_| reply(200, &next(1))).await;
    let lock = bench.store.lock().await.unwrap();
    bench.store.remove(&lock, &site(), "acme").unwrap();
    drop(lock);
    assert_eq!(bench.renewed().await.unwrap_err().class, Class::SignedOut);
    assert!(bench.server.asked().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn where_nothing_can_be_kept_the_refresh_token_is_not_spent() {
    let bench = bench(|_| reply(200, &next(1))).await;
    // A folder in the place of the file, which root cannot write over either.
    let (_, place) = bench.store.read(&site(), "acme").unwrap().unwrap();
    let Place::File(path) = place else {
        panic!("{place:?}");
    };
    let text = std::fs::read(&path).unwrap();
    let renewing = bench.renewed();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = renewing.await.unwrap_err();
    assert_eq!(error.class, Class::Transient);
    assert!(bench.server.asked().is_empty());
    assert!(!text.is_empty() && bench.folder().exists());
}

#[tokio::test]
async fn a_state_that_could_not_be_kept_is_the_one_that_the_next_renewal_goes_on_from() {
    let place: Arc<Mutex<Option<std::path::PathBuf>>> = Arc::default();
    let turn = Mutex::new(0);
    let taken_away = Arc::clone(&place);
    let bench = bench(move |_| {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        if *turn == 1 {
            // Between the note and the store, something else takes the file's place.
            let path = taken_away.lock().unwrap().clone().unwrap();
            std::fs::rename(&path, path.with_extension("kept")).unwrap();
            std::fs::create_dir(&path).unwrap();
        }
        reply(200, &next(*turn))
    })
    .await;
    let (_, Place::File(path)) = bench.store.read(&site(), "acme").unwrap().unwrap() else {
        panic!("in a keyring");
    };
    *place.lock().unwrap() = Some(path.clone());
    let first = bench.renewed().await.unwrap();
    assert!(first.token.expose_secret().ends_with("canarypat1"));
    std::fs::remove_dir(&path).unwrap();
    std::fs::rename(path.with_extension("kept"), &path).unwrap();
    assert!(bench.kept().renewing_since.is_some());
    bench.renewal.renew(&first.token).await.unwrap();
    let spent = bench.server.asked().pop().unwrap().body;
    assert!(spent.contains("refresh_token=r1"), "{spent}");
    assert_eq!(bench.kept().refresh.unwrap().expose_secret(), "r2");
    assert_eq!(bench.kept().renewing_since, None);
}
