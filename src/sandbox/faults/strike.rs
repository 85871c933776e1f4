//! Carrying a fault out.

use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::answers;
use super::fault::Fault;
use super::kind::Effect;
use super::subject::{Act, Subject};
use crate::sandbox::answer::{Answer, Cut, respond};
use crate::sandbox::instance::Instance;
use crate::sandbox::moment::Moment;
use crate::sandbox::rules::Rules;
use crate::sandbox::world::World;

/// A fault that strikes a request.
#[derive(Debug)]
pub(in crate::sandbox) struct Strike {
    /// The place of the fault in its list.
    pub(super) index: usize,
    fault: Fault,
    subject: Subject,
}

impl Strike {
    pub(super) fn new(index: usize, fault: Fault, subject: Subject) -> Strike {
        Strike {
            index,
            fault,
            subject,
        }
    }

    /// What comes of the connection, where the fault is that there is none.
    pub(in crate::sandbox) fn cut(&self) -> Option<Cut> {
        match self.fault.kind.effect {
            Effect::InsteadCut(cut) => Some(cut),
            _ => None,
        }
    }

    /// Answers the request it strikes; whether that made a difference to the answer or the world.
    pub(in crate::sandbox) fn answer(
        &self,
        world: &mut World,
        rules: &Rules,
        now: Moment,
        request: &Request<Bytes>,
    ) -> (Answer, bool) {
        let mut spared = world.clone();
        let honest = respond(&mut spared, rules, now, request);
        let answer = self.carry_out(world, rules, now, request);
        let differs = !answer.is_like(&honest) || *world != spared;
        (answer, differs)
    }

    fn carry_out(
        &self,
        world: &mut World,
        rules: &Rules,
        now: Moment,
        request: &Request<Bytes>,
    ) -> Answer {
        let fault = &self.fault;
        let lasts = fault.lasts.unwrap_or_default();
        let good = |world: &mut World| respond(world, rules, now, request);
        match fault.kind.effect {
            Effect::Instead(say) => Answer::at_once(Ok(say(fault))),
            Effect::Quoted => Answer::at_once(Ok(answers::quoting(request))),
            Effect::InsteadCut(cut) => Answer::at_once(Err(cut)),
            Effect::Afterwards(say) => good(world).map(|_| say(fault)),
            Effect::AfterwardsCut(cut) => good(world).cut(cut),
            Effect::Rewritten(rewrite) => good(world).map(|said| rewrite(fault, said)),
            Effect::Forgotten => good(&mut world.clone()),
            Effect::Late => good(world).later(lasts),
            Effect::Unauthorised => respond(world, rules, now, &without_credentials(request)),
            Effect::Quirky(turn_on) => {
                let mut rules = rules.clone();
                turn_on(&mut rules.quirks);
                respond(world, &rules, now, request)
            }
            Effect::Hidden => self.hide(world, good, now.plus(lasts)),
            Effect::Lingering => {
                let gone = now.plus(rules.timing.gone_after());
                self.linger(world, good, gone.plus(lasts))
            }
            Effect::Moved => {
                let name = self.subject.name.as_deref().unwrap_or_default();
                if let Some(instance) = self.instance(world, name) {
                    instance.moves = instance.moves.wrapping_add(1);
                }
                good(world)
            }
            Effect::Failed if self.subject.act == Act::Logs => {
                good(world).map(answers::failing_log)
            }
            Effect::Failed => good(world).map(answers::failed),
            Effect::ShortLived { admitted } => {
                short_lived(world, rules, now, request, lasts, admitted)
            }
        }
    }

    fn hide(
        &self,
        world: &mut World,
        answer: impl FnOnce(&mut World) -> Answer,
        until: Moment,
    ) -> Answer {
        let answer = answer(world);
        let made = answer.response.as_ref().ok().map(answers::json_of);
        // A refusal has no name.
        let Some(name) = made.as_ref().and_then(|made| made["name"].as_str()) else {
            return answer;
        };
        if let Some(instance) = self.instance(world, name) {
            instance.hidden_until = Some(until);
        }
        answer.map(|_| answers::page::<504>(&self.fault))
    }

    fn linger(
        &self,
        world: &mut World,
        answer: impl FnOnce(&mut World) -> Answer,
        until: Moment,
    ) -> Answer {
        let answer = answer(world);
        let name = self.subject.name.as_deref().unwrap_or_default();
        if let Some(instance) = self.instance(world, name)
            && instance.deleted.is_some()
        {
            instance.lingers_until = Some(until);
        }
        answer
    }

    fn instance<'w>(&self, world: &'w mut World, name: &str) -> Option<&'w mut Instance> {
        world.instance_mut(self.subject.service?, name)
    }
}

fn without_credentials(request: &Request<Bytes>) -> Request<Bytes> {
    let mut request = request.clone();
    for header in ["x-pat-jwt", "x-jwt", "authorization"] {
        request.headers_mut().remove(header);
    }
    request
}

/// Gives out a service token that ends soon (API notes 5).
fn short_lived(
    world: &mut World,
    rules: &Rules,
    now: Moment,
    request: &Request<Bytes>,
    lifetime: Duration,
    admitted: bool,
) -> Answer {
    let mut short = rules.clone();
    short.timing.service_token_lifetime = lifetime;
    let answer = respond(world, &short, now, request);
    if admitted {
        return answer;
    }
    let told = now.plus(rules.timing.service_token_lifetime).seconds();
    answer.map(|said| answers::expiring(said, told))
}
