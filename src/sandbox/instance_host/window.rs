use super::placed;
use crate::sandbox::addressing::Addressing;
use crate::sandbox::answer::Cut;
use crate::sandbox::catalog::Service;
use crate::sandbox::instance::Instance;
use crate::sandbox::moment::Moment;
use crate::sandbox::rules::Rules;
use crate::sandbox::world::World;

/// What comes of a connection to the host of an instance that is too young to answer there
/// (API notes 13.2).
///
/// First the connection is refused, then a certificate is shown that nobody trusts; the latter not
/// under [`Addressing::Prefixed`], where all hosts are one. `None` once the host answers, and for
/// hosts that are never young: those of channels are shared, and there is none of a job or of an
/// instance that does not exist.
pub(crate) fn window(
    world: &World,
    rules: &Rules,
    now: Moment,
    service: &Service,
    name: &str,
) -> Option<Cut> {
    if service.is_job() || service.is_channel_engine() {
        return None;
    }
    let instance = placed(world, rules, now, service, name)?;
    if now
        < instance
            .placed()
            .plus(rules.timing.endpoint_unreachable_for)
    {
        return Some(Cut::Refused);
    }
    let untrusted = now < trusted_at(instance, rules) && rules.addressing == Addressing::Osc;
    untrusted.then_some(Cut::Untrusted)
}

/// When the ingress lets tokens through to all of the host.
pub(super) fn open_at(instance: &Instance, rules: &Rules) -> Moment {
    trusted_at(instance, rules).plus(rules.timing.endpoint_401_for)
}

fn trusted_at(instance: &Instance, rules: &Rules) -> Moment {
    let timing = &rules.timing;
    let reachable = instance.placed().plus(timing.endpoint_unreachable_for);
    reachable.plus(timing.endpoint_untrusted_for)
}
