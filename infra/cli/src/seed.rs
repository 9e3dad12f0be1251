//! What a new stack is given: keys, and for a demonstration a small shop.

use crate::Failure;
use crate::keys::{self, ApiKeys};
use redress_aws::config::{LocalCloud, Settings, world_at};
use redress_domain::id::AgentId;
use redress_domain::policy::{Policies, SHIPPED};
use redress_domain::routing::{Agent, Team};
use redress_local::Cloud;
use redress_service::ports::{World, Write};
use redress_service::publish;
use serde::Deserialize;
use std::path::Path;

/// The feedback that the demonstration sends.
pub(crate) const FEEDBACK: &str = include_str!("demo/feedback.jsonl");

const SHOP: &str = include_str!("demo/shop.json");

#[derive(Deserialize)]
struct Shop {
    policies: Policies,
    teams: Vec<Team>,
    agents: Vec<Agent>,
}

/// The world of a local cloud, spoken to through the SDK as the functions do.
pub(crate) async fn world(cloud: &Cloud) -> World {
    let settings = Settings::deployed(|name| cloud.outputs.get(name).cloned());
    world_at(&at(cloud), &settings).await
}

/// Where the SDK finds a local cloud.
pub(crate) fn at(cloud: &Cloud) -> LocalCloud {
    LocalCloud { endpoint: cloud.endpoint.clone(), region: cloud.region.clone(), account: "test".to_owned() }
}

/// Runs `work` to its end on this thread.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    Ok(runtime.map_err(|error| Failure::Short(error.to_string()))?.block_on(work))
}

/// Gives the stack its keys and policies, and the demonstration's shop. Whatever is there already
/// stays as it is; the second answer says whether the shop was new.
pub(crate) fn sow(cloud: &Cloud, state_dir: &Path, demo: bool) -> Result<(ApiKeys, bool), Failure> {
    let shop: Shop = serde_json::from_str(SHOP).expect("the demonstration's shop parses: a test reads it");
    let (known, mut writes) = (keys::read(state_dir), policies(&shop, demo)?);
    let agent = if demo { shop.agents.first().map(|agent| agent.id.clone()) } else { None };
    let agent = agent.or_else(|| AgentId::parse("ag_local")).expect("a fixed and valid id");
    let keys = known.unwrap_or_else(ApiKeys::make);
    writes.extend(keys.admit(&agent, redress_aws::clock::now()));
    let fresh = wait(async {
        let world = world(cloud).await;
        let fresh = demo && publish::supersede(&world, &keys::tenant(), &shop.policies).await?;
        publish::seed(&world, writes).await.map(|()| fresh)
    })??;
    keys::keep(state_dir, &keys)?;
    Ok((keys, fresh))
}

fn policies(shop: &Shop, demo: bool) -> Result<Vec<Write>, Failure> {
    let tenant = keys::tenant();
    if !demo {
        let shipped: Policies = serde_json::from_str(SHIPPED).expect("the shipped policies parse: a test reads them");
        return Ok(vec![publish::policies(&tenant, &shipped, 0)?]);
    }
    let teams = shop.teams.iter().map(|team| publish::team(&tenant, team));
    Ok(teams.chain(shop.agents.iter().map(|agent| publish::agent(&tenant, agent))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use redress_domain::category::{Category, Language};
    use redress_domain::routing::team;

    #[test]
    fn the_demonstrations_shop_can_reopen_every_order_twice_with_another_resolver() {
        let shop: Shop = serde_json::from_str(SHOP).unwrap();
        policies(&shop, true).unwrap();
        publish::policies(&keys::tenant(), &shop.policies, 0).unwrap();
        for category in Category::ALL {
            for language in [Language::Zh, Language::En] {
                let (team, _) = team(&shop.teams, category).unwrap();
                let able = |agent: &&Agent| {
                    agent.teams.contains(&team.id)
                        && agent.languages.contains(&language)
                        && (category == Category::Other || agent.skills.contains_key(&category))
                        && agent.shift.is_none()
                };
                let able = shop.agents.iter().filter(able).count();
                assert!(able >= 3, "{category:?} in {language:?}: {able}");
            }
        }
    }
}
