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
    let mut faults = Vec::new();
    for key in seen.keys.iter().map(|key| (&key.kept.shown, key.opens)) {
        let (shown, opens) = key;
        let place = seen.at(&shown.id);
        if !opens {
            let says = format!("the key …{} is listed and opens nothing", shown.hint);
            let mend = format!("revoke it, `DELETE /v1/api-keys/{}`, and make another", shown.id);
            faults.push(Finding::fail("tenant.keys", place, says, mend));
        } else if let Some(agent) = shown.agent.as_ref().filter(|id| !seen.agents.iter().any(|agent| agent.id == **id))
        {
            let says = format!("the key …{} is of {agent}, who is not there", shown.hint);
            let mend = format!("revoke it, `DELETE /v1/api-keys/{}`, or make the agent again", shown.id);
            faults.push(Finding::warn("tenant.keys", place, says, mend));
        }
    }
    findings.extend(or_well("tenant.keys", seen.at("api keys"), format!("{} listed", seen.keys.len()), faults));
    findings
}

/// Webhooks that are told nothing, though nobody asked for that.
pub(super) fn webhooks(seen: &Sight) -> Vec<Finding> {
    const ASKED: &str = "asked";
    let silent = |why: Option<&str>| why != Some(ASKED);
    let disabled = seen.webhooks.iter().filter(|webhook| webhook.state == WebhookState::Disabled);
    let faults = disabled.filter(|webhook| silent(webhook.why.as_deref())).map(|webhook| {
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
