use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Live;
use crate::osc::{ReadApi, TenantPlan};

/// How long the plan is waited for once everything else has been read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reads with one more request beside it, for the plan that the workspace is on.
///
/// That request is sent once, and given up a second after the reading has ended. Whatever is
/// wrong with it, a refused token included, only leaves the plan unknown.
///
/// # Errors
/// Those of the reading.
pub async fn with_tenant_plan<E>(
    api: &ReadApi,
    reading: impl Future<Output = Result<Live, E>>,
) -> Result<Live, E> {
    let asked = api.polling();
    let mut asking = JoinSet::new();
    asking.spawn(async move { asked.tenant_plan().await });
    let live = reading.await?;
    let tenant_plan = match timeout(PATIENCE, asking.join_next()).await {
        Ok(Some(Ok(answer))) => answer.map_err(|error| error.to_string()),
        Ok(_) => Err("a bug in osc-apply stopped it".to_owned()),
        Err(_) => Err("no answer in time".to_owned()),
    };
    Ok(Live {
        tenant_plan: known(tenant_plan),
        ..live
    })
}

fn known(tenant_plan: Result<TenantPlan, String>) -> Option<TenantPlan> {
    tenant_plan
        .inspect_err(|why| tracing::debug!("the workspace's plan is unknown: {why}"))
        .ok()
}
