use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Platform, Rig, Then};

/// Suspended instances of caches (Valkey), and the deploy manager that knows them.
#[derive(Clone)]
pub(crate) struct Suspending {
    platform: Arc<Platform>,
    records: Arc<Mutex<Vec<Value>>>,
}

const SERVICE: &str = "valkey-io-valkey";
const COLLECTION: &str = "https://api-valkey-io-valkey.auto.prod-se.osaas.io/valkeyinstance";

impl Suspending {
    /// Takes over from the sandbox; what misbehaves had better be said before.
    pub(crate) fn on(rig: &Rig) -> Self {
        let suspending = Self {
            platform: rig.platform.clone(),
            records: Arc::default(),
        };
        let records = suspending.records.clone();
        let list = move || {
            (
                200,
                Value::from(records.lock().unwrap().clone()).to_string(),
            )
        };
        rig.platform
            .always("GET deploy /mysuspended", Then::Call(Arc::new(list)));
        suspending
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
        let parameters = json!({"name": name, "Password": password});
        self.records.lock().unwrap().push(json!({
            "serviceId": SERVICE,
            "instanceName": name,
            "suspendedAt": "2026-11-01T10:00:00Z",
            "reason": "idle",
            "parameters": parameters,
        }));
        let path = format!("deploy /mysuspended/{SERVICE}/{name}");
        let (resumed, deleted) = (self.clone(), self.clone());
        let (running, removed) = (name.to_owned(), name.to_owned());
        let resume = move || resumed.resume(&running, &parameters);
        let delete = move || deleted.delete(&removed);
        self.platform
            .always(&format!("POST {path}/resume"), Then::Call(Arc::new(resume)));
        self.platform
            .always(&format!("DELETE {path}"), Then::Call(Arc::new(delete)));
        self
    }

    /// Runs it again with what the record holds.
    pub(crate) fn resume(&self, name: &str, parameters: &Value) -> (u16, String) {
        if !self.forget(name) {
            return (404, json!({"reason": "Not suspended"}).to_string());
        }
        let create = format!("POST {COLLECTION}");
        self.platform
            .somebody_else(&create, &parameters.to_string());
        let answer = json!({"serviceId": SERVICE, "instanceName": name, "tenantId": "sandbox",
            "resumedAt": "2026-11-24T00:00:00Z"});
        (200, answer.to_string())
    }

    fn delete(&self, name: &str) -> (u16, String) {
        match self.forget(name) {
            true => (200, json!({"message": "Deleted"}).to_string()),
            false => (404, json!({"reason": "Not suspended"}).to_string()),
        }
    }

    /// Loses a record; whether there was one.
    pub(crate) fn forget(&self, name: &str) -> bool {
        let mut records = self.records.lock().unwrap();
        let before = records.len();
        records.retain(|record| record["instanceName"] != name);
        records.len() < before
    }
}
