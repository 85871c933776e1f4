use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Platform, Rig, Then};

/// Suspended caches (Valkey), and the deploy manager that knows them.
#[derive(Clone)]
pub(crate) struct Suspending {
    platform: Arc<Platform>,
    manager: Arc<Mutex<Manager>>,
}

#[derive(Default)]
pub(crate) struct Manager {
    pub(crate) records: Vec<Value>,
    /// Whether calls take effect and are answered by a gateway.
    pub(crate) unanswered: bool,
    /// Whether a record stays when its instance is resumed.
    pub(crate) stays: bool,
    /// What is lost at the next call.
    pub(crate) loses: Option<&'static str>,
}

const SERVICE: &str = "valkey-io-valkey";
const COLLECTION: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";

impl Suspending {
    /// Takes over from the sandbox; how else the platform misbehaves had better be said before.
    pub(crate) fn on(rig: &Rig) -> Self {
        let suspending = Self {
            platform: rig.platform.clone(),
            manager: Arc::default(),
        };
        suspending.list();
        suspending
    }

    /// Lists what is suspended.
    pub(crate) fn list(&self) {
        let manager = self.manager.clone();
        let list = move || {
            let records = manager.lock().unwrap().records.clone();
            (200, Value::from(records).to_string())
        };
        self.platform
            .always("GET deploy /mysuspended", Then::Call(Arc::new(list)));
    }

    pub(crate) fn manager(&self) -> MutexGuard<'_, Manager> {
        self.manager.lock().unwrap()
    }

    /// Suspends a cache that is up: it is gone but for its name and this password.
    pub(crate) async fn suspend(self, name: &str, password: &str) -> Self {
        let member = format!("DELETE {COLLECTION}/{name}");
        self.platform.somebody_else(&member, "");
        tokio::time::sleep(Duration::from_secs(60)).await;
        self.record(name, password)
    }

    /// Only lists a cache as suspended.
    pub(crate) fn record(self, name: &str, password: &str) -> Self {
        self.manager().records.push(json!({
            "serviceId": SERVICE,
            "instanceName": name,
            "suspendedAt": "2026-11-01T10:00:00Z",
            "reason": "idle",
            "parameters": {"name": name, "Password": password},
        }));
        let path = format!("deploy /mysuspended/{SERVICE}/{name}");
        let (resumed, deleted) = (self.clone(), self.clone());
        let (running, removed) = (name.to_owned(), name.to_owned());
        let resume = move || resumed.resume(&running);
        let delete = move || deleted.delete(&removed);
        self.platform
            .always(&format!("POST {path}/resume"), Then::Call(Arc::new(resume)));
        self.platform
            .always(&format!("DELETE {path}"), Then::Call(Arc::new(delete)));
        self
    }

    /// Runs it again with what its record holds.
    pub(crate) fn resume(&self, name: &str) -> (u16, String) {
        let manager = self.manager();
        let record = manager.records.iter().find(|it| it["instanceName"] == name);
        let parameters = record.map(|record| record["parameters"].to_string());
        let stays = manager.stays;
        drop(manager);
        if let Some(parameters) = &parameters {
            let create = format!("POST {COLLECTION}");
            self.platform.somebody_else(&create, parameters);
        }
        let answer = json!({"serviceId": SERVICE, "instanceName": name, "tenantId": "sandbox",
            "resumedAt": "2026-11-24T00:00:00Z"});
        self.over(name, stays, parameters.is_some(), &answer)
    }

    fn delete(&self, name: &str) -> (u16, String) {
        let there = self
            .manager()
            .records
            .iter()
            .any(|it| it["instanceName"] == name);
        self.over(name, false, there, &json!({"message": "Deleted"}))
    }

    fn over(&self, name: &str, stays: bool, was_there: bool, good: &Value) -> (u16, String) {
        let mut manager = self.manager();
        let lost = manager.loses.take();
        manager.records.retain(|record| {
            let is = |name: &str| record["instanceName"] == name;
            !lost.is_some_and(is) && (stays || !is(name))
        });
        match (manager.unanswered, was_there) {
            (true, _) => (504, "<html><title>504</title></html>".to_owned()),
            (false, true) => (200, good.to_string()),
            (false, false) => (404, json!({"reason": "Not suspended"}).to_string()),
        }
    }
}
