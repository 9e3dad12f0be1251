//! Something goes wrong for many at once, and is over.

use super::Deed;
use crate::ground::Ground;
use crate::task::lock;
use redress_domain::bilingual::Bilingual;
use redress_domain::id::IncidentId;
use redress_domain::incident::Affected;
use redress_service::Fault;
use redress_service::auth::Role;
use redress_service::incidents::{self, Wanted};
use std::sync::{Arc, Mutex};

impl Deed {
    /// A supervisor declares an incident.
    pub(super) async fn declare(self, number: u32, affects: Affected, ground: Arc<Mutex<Ground>>) -> Result<(), Fault> {
        let said = |zh: &str, en: &str| Bilingual { zh: zh.to_owned(), en: en.to_owned() };
        let text = said("包裹会晚到一至两天。", "One or two days late.");
        let wanted = Wanted { title: said("部分包裹延误", "Some parcels are late"), text, affects };
        let (caller, keyed) = (self.caller(Role::Supervisor, None), self.keyed("POST /v1/incidents"));
        let reply = incidents::declare(&self.world, &caller, &wanted, &keyed, self.moment).await?;
        let mut ground = lock(&ground);
        match reply.body["id"].as_str().and_then(IncidentId::parse) {
            Some(id) => drop(ground.incidents.insert(number, id)),
            None => ground.witness.violated("an incident was declared, and has no id".to_owned()),
        }
        Ok(())
    }

    /// It is over. Whoever could not declare it yet has nothing to close: later.
    pub(super) async fn close(self, number: u32, ground: Arc<Mutex<Ground>>) -> Result<(), Fault> {
        let id = lock(&ground).incidents.get(&number).cloned();
        let Some(id) = id else { return Err(Fault::Unavailable("it is not declared yet".to_owned())) };
        let (caller, keyed) = (self.caller(Role::Supervisor, None), self.keyed(&format!("POST {id}/close")));
        incidents::close(&self.world, &caller, &id, &keyed, self.moment).await.map(drop)
    }
}
