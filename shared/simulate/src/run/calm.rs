//! The beginning and the end of a run: the shop opens; and when nothing goes wrong any more,
//! everything comes to its end.

use super::{About, Run};
use crate::deed::Deed;
use crate::plan::{Step, able};
use crate::task::{self, Ending, Task, Work, lock};
use jiff::SignedDuration;
use redress_domain::id::{ApiKeyId, WorkOrderId};
use redress_domain::order::later;
use redress_domain::routing::Agent;
use redress_domain::signature::SigningSecret;
use redress_service::auth::{Caller, Role};
use redress_service::publish;
use redress_service::reply::Keyed;
use redress_service::webhooks::{self, Change, Wanted};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often whoever is left looks at what is left.
const DESK: SignedDuration = SignedDuration::from_hours(3);

/// By when everything has ended: windows of a week one after the other, and levels that come for days.
const END: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Run {
    /// The shop opens, and nothing goes wrong with that.
    pub(super) fn open(&mut self) {
        lock(&self.ground).fates.calm = true;
        let shop = self.plan.shop.clone();
        let policies = publish::policies(&shop.tenant, &shop.policies, 0);
        let mut writes = vec![policies.expect("our policies can be meant")];
        writes.extend(shop.teams.iter().map(|team| publish::team(&shop.tenant, team)));
        writes.extend(shop.agents.iter().map(|agent| publish::agent(&shop.tenant, agent)));
        let (task, world, moment) = self.invoke("opening");
        let caller =
            Caller { tenant: shop.tenant, role: Role::Admin, agent: None, key: ApiKeyId::derive(&["simulate"]) };
        let work = async move {
            publish::seed(&world, writes).await?;
            for number in 0..shop.webhooks {
                let wanted = Wanted {
                    url: format!("https://shop.example.com/hooks/{number}"),
                    events: ["*".to_owned()].into(),
                    description: None,
                    state: None,
                };
                let mint = |_: &str| SigningSecret::new([7; 32]);
                let keyed = Keyed::without("POST /v1/webhooks");
                let (asked, moment) = (Change::Make(wanted), moment.part(usize::try_from(number).unwrap_or(0) + 1));
                webhooks::change(&world, &caller, &asked, &mint, None, &keyed, moment).await?;
            }
            Ok(())
        };
        let opened = task::run(vec![(task, Box::pin(work))], &mut self.dice("opening"));
        let mut ground = lock(&self.ground);
        if opened != [Ending::Done] {
            ground.witness.violated(format!("the shop could not open: {opened:?}"));
        }
        ground.fates.calm = false;
    }

    /// Nothing goes wrong any more, everybody is there and can carry anything: everything ends.
    pub(super) fn calm_down(&mut self) {
        if self.failed() {
            return;
        }
        let began = self.now();
        {
            let mut ground = lock(&self.ground);
            ground.fates.calm = true;
            self.rested = ground.dead.len() as u64;
            ground.redrive();
            ground.tell(|| "nothing goes wrong any more".to_owned());
        }
        self.plan.outages.clear();
        self.at_once(self.everybody());
        let mut desk = later(began, DESK);
        while !self.failed() {
            let Some(at) = self.next_instant(self.is_at_work().then_some(desk)) else { return };
            if later(began, END) < at {
                let open = self.open_orders();
                lock(&self.ground).witness.violated(format!("no end is in sight: {open:?} are open"));
                return;
            }
            self.happen(at);
            if desk <= at {
                desk = later(at, DESK);
                let tasks = self.resolves();
                self.at_once(tasks);
            }
            self.check_calm();
        }
    }

    /// In the calm no message fails for good.
    fn check_calm(&self) {
        let mut ground = lock(&self.ground);
        if let Some((message, why)) = ground.dead.first().cloned() {
            ground.witness.violated(format!("{} rests though nothing goes wrong any more: {why}", message.name));
        }
    }

    fn is_at_work(&self) -> bool {
        lock(&self.ground).witness.orders.values().any(crate::witness::OrderSeen::is_active)
    }

    fn open_orders(&self) -> Vec<String> {
        let ground = lock(&self.ground);
        let open = ground.witness.orders.iter().filter(|(_, order)| order.is_active());
        open.map(|(id, order)| format!("{id} {} {:?}", order.status, order.agent)).collect()
    }

    fn at_once(&mut self, tasks: Vec<(Arc<Task>, Work)>) {
        let names: Vec<Arc<Task>> = tasks.iter().map(|(task, _)| Arc::clone(task)).collect();
        let mut dice = self.dice(&format!("desk {}", self.now()));
        let endings = task::run(tasks, &mut dice);
        for (name, ending) in names.iter().zip(&endings) {
            let mut ground = lock(&self.ground);
            ground.tell(|| format!("{} ({} calls): {}", name.name, name.calls(), ending.told()));
        }
    }

    /// Everybody is there, speaks everything, and can carry anything.
    fn everybody(&self) -> Vec<(Arc<Task>, Work)> {
        let all = |agent: &Agent| {
            let (task, world, moment) = self.invoke(&format!("{} is there", agent.id));
            let deed = Deed { world, tenant: self.plan.shop.tenant.clone(), moment, key: format!("all {}", agent.id) };
            (task, Box::pin(deed.staff(able(agent), true)) as Work)
        };
        self.plan.shop.agents.iter().map(all).collect()
    }

    /// Whoever has an order resolves it. One that nobody has, though everybody is there, was forgotten.
    fn resolves(&mut self) -> Vec<(Arc<Task>, Work)> {
        let (now, mut waiting) = (self.now(), BTreeSet::new());
        let open: Vec<_> = {
            let ground = lock(&self.ground);
            let open = ground.witness.orders.iter().filter(|(_, order)| order.is_active());
            open.map(|(id, order)| (id.clone(), order.agent.clone(), order.supervised)).collect()
        };
        let mut tasks: Vec<(Arc<Task>, Work)> = Vec::new();
        for (id, agent, supervised) in open {
            let Some(id) = WorkOrderId::parse(&id).filter(|_| agent.is_some() || supervised) else {
                waiting.insert(id);
                continue;
            };
            let (task, world, moment) = self.invoke(&format!("{id} is resolved {now}"));
            let deed = Deed { world, tenant: self.plan.shop.tenant.clone(), moment, key: format!("last {id} {now}") };
            let about = About::order(id, agent, now);
            tasks.push((task, Box::pin(deed.step(Step::Resolve(true), about, true, Arc::clone(&self.ground)))));
        }
        let forgotten = std::mem::replace(&mut self.waiting, waiting);
        for id in forgotten.intersection(&self.waiting) {
            lock(&self.ground).witness.violated(format!("{id} waits for an agent, though everybody is there"));
        }
        tasks
    }
}
