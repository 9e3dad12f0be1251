//! Who may speak for a tenant, and whom it tells: keys and webhooks.

use super::sight::{SeenKey, Sight};
use super::{Finding, or_well};
use crate::auth::Role;
use redress_domain::webhook::WebhookState;

/// An admin's key that opens something; no key that is listed and opens nothing; no agent's key
/// without its agent.
pub(super) fn keys(seen: &Sight) -> Vec<Finding> {
    let admins = |key: &&SeenKey| key.kept.shown.role == Role::Admin && key.opens;
    let again = format!("`redress bootstrap --tenant {}` makes one", seen.tenant);
    let mut findings = match seen.keys.iter().filter(admins).count() {
        0 => vec![Finding::fail("tenant.admin_key", seen.at("api keys"), "no admin's key is valid", again)],
        live => vec![Finding::ok("tenant.admin_key", seen.at("api keys"), format!("valid ones of an admin's: {live}"))],
    };
    let faults = seen.keys.iter().filter_map(|key| doubtful(seen, key)).collect();
    findings.extend(or_well("tenant.keys", seen.at("api keys"), format!("{} listed", seen.keys.len()), faults));
    findings
}

/// What is wrong with a key that is listed. Its end is shown, as in the list of keys, and no more.
fn doubtful(seen: &Sight, SeenKey { kept, opens }: &SeenKey) -> Option<Finding> {
    const ID: &str = "tenant.keys";
    let shown = &kept.shown;
    let place = seen.at(&shown.id);
    if !opens {
        let says = format!("the key …{} is listed and opens nothing", shown.hint);
        let mend = format!("revoke it, `DELETE /v1/api-keys/{}`, and make another", shown.id);
        return Some(Finding::fail(ID, place, says, mend));
    }
    let agent = shown.agent.as_ref().filter(|id| !seen.agents.iter().any(|agent| agent.id == **id))?;
    let says = format!("the key …{} is of {agent}, who is not there", shown.hint);
    let mend = format!("revoke it, `DELETE /v1/api-keys/{}`, or make the agent again", shown.id);
    Some(Finding::warn(ID, place, says, mend))
}

/// Webhooks that are told nothing, though nobody asked for that.
pub(super) fn webhooks(seen: &Sight) -> Vec<Finding> {
    let disabled = seen.webhooks.iter().filter(|webhook| webhook.state == WebhookState::Disabled);
    let faults = disabled.filter(|webhook| webhook.why.as_deref() != Some("asked")).map(|webhook| {
        let says = format!("is disabled: {}", webhook.why.as_deref().unwrap_or("nobody knows why"));
        let mend = format!(
            "mend the server at {}, `PUT /v1/webhooks/{}` with `\"state\":\"enabled\"`, then replay what it missed",
            webhook.url, webhook.id
        );
        Finding::warn("tenant.webhooks", seen.at(&webhook.id), says, mend)
    });
    let faults = faults.collect();
    or_well("tenant.webhooks", seen.at("webhooks"), format!("{} enabled", told(seen)), faults)
}

fn told(seen: &Sight) -> usize {
    seen.webhooks.iter().filter(|webhook| webhook.state == WebhookState::Enabled).count()
}
