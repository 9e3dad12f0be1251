//! Who is told what: derived from facts, so that telling again tells the same.

use crate::fault::Fault;
use crate::ports::{Notice, World};
use crate::roster::Roster;
use redress_domain::fact::{Fact, Outcome, What};
use redress_domain::id::TenantId;
use redress_domain::order::WorkOrder;
use redress_domain::sla::{Audience, Metric};
use redress_domain::survey::Survey;
use serde_json::json;

/// Tells whoever the facts from number `since` on concern.
pub(crate) async fn tell(
    world: &World,
    tenant: &TenantId,
    order: &WorkOrder,
    since: u32,
    roster: Option<&Roster>,
) -> Result<(), Fault> {
    let first = order.fact_count - u32::try_from(order.facts.len()).unwrap_or(order.fact_count);
    let told = usize::try_from(since.saturating_sub(first)).unwrap_or(usize::MAX);
    for notice in order.facts.iter().skip(told).filter_map(|fact| of(tenant, order, fact, roster)) {
        world.notify.post(&notice).await?;
    }
    Ok(())
}

fn of(tenant: &TenantId, order: &WorkOrder, fact: &Fact, roster: Option<&Roster>) -> Option<Notice> {
    let (id, audience, template, data) = match &fact.what {
        What::Assigned { agent, .. } => {
            let data = json!({"priority": order.priority});
            (fact.id.clone(), format!("agent:{agent}"), "order_assigned", data)
        }
        // Told before it is written down, so the fact's number is not settled yet: the rung itself is.
        What::Escalated { metric, level, audience, outcome: Outcome::Fired, cycle } => {
            let of = metric.map_or("order", Metric::as_str);
            let data = json!({"metric": metric, "level": level, "cycle": cycle, "priority": order.priority});
            let id = format!("{}/{cycle}/{of}/{level}", order.id);
            (id, audience_of(order, *audience, roster), "order_escalated", data)
        }
        _ => return None,
    };
    Some(Notice {
        id: format!("{id}/{template}"),
        tenant: tenant.clone(),
        audience,
        template: template.to_owned(),
        work_order: order.id.to_string(),
        data,
    })
}

/// An audience with nobody in it falls to the tenant's supervisors.
fn audience_of(order: &WorkOrder, audience: Audience, roster: Option<&Roster>) -> String {
    let lead = || roster.and_then(|roster| roster.lead(order.team.as_ref()?));
    let named = match audience {
        Audience::Agent => order.agent.as_ref(),
        Audience::TeamLead => lead(),
        Audience::Supervisors => None,
    };
    named.map_or_else(|| "supervisors".to_owned(), |agent| format!("agent:{agent}"))
}

/// The question to the customer.
pub(crate) fn invitation(tenant: &TenantId, survey: &Survey) -> Notice {
    Notice {
        id: format!("{}/survey_invitation", survey.id),
        tenant: tenant.clone(),
        audience: format!("customer:{}", survey.customer_ref),
        template: "survey_invitation".to_owned(),
        work_order: survey.work_order.to_string(),
        data: json!({"path": format!("/s/{}", survey.token), "language": survey.language}),
    }
}
