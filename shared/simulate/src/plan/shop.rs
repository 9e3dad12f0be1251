//! The shop of a run: who works there and when, what is promised, and who else is told.

use crate::dice::Dice;
use crate::witness::MARKER;
use jiff::{SignedDuration, Timestamp};
use redress_domain::category::{Category, Language};
use redress_domain::compensation::ApprovalBand;
use redress_domain::feedback::Money;
use redress_domain::id::{AgentId, TenantId};
use redress_domain::incident::Affected;
use redress_domain::order::later;
use redress_domain::policy::Policies;
use redress_domain::routing::{Agent, Presence, Team};
use serde_json::{Value, json};

/// Something that happens among the people of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shift {
    /// Somebody comes or goes.
    Shows(AgentId, Presence),
    /// Somebody can carry more or less than before.
    Carries(AgentId, u32),
    /// Somebody has learnt everything, is there around the clock and can carry anything.
    Helps(AgentId),
    /// Something went wrong for many at once; or that is over.
    Declares(u32, Affected),
    Closes(u32),
}

/// The shop of a run.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) tenant: TenantId,
    pub(crate) policies: Policies,
    pub(crate) teams: Vec<Team>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) webhooks: u64,
    /// What happens among its people, earliest first.
    pub(crate) shifts: Vec<(Timestamp, Shift)>,
}

const NAMES: [&str; 4] = ["ana", "bo", "chen", "dai"];

impl Shop {
    pub(super) fn of(seed: u64, (begins, zone): (Timestamp, &str), span: i64) -> Self {
        let dice = &mut Dice::of(seed, "shop");
        let policies = policies(zone, dice);
        let agents: Vec<Agent> = NAMES.iter().map(|name| agent(name, dice)).collect();
        let mut shifts = Vec::new();
        for agent in &agents {
            for _ in 0..dice.below(4) {
                let at = later(begins, SignedDuration::from_secs(dice.between(0, span + 86_400)));
                let presence = dice.pick(&[Presence::Online, Presence::Away, Presence::Offline]);
                shifts.push((at, Shift::Shows(agent.id.clone(), presence)));
                let back = later(at, SignedDuration::from_secs(dice.between(600, 30_000)));
                shifts.push((back, Shift::Shows(agent.id.clone(), Presence::Online)));
            }
            if dice.chance(3_000) {
                let at = later(begins, SignedDuration::from_secs(dice.between(0, span)));
                let can = u32::try_from(dice.between(1, 5)).unwrap_or(1);
                shifts.push((at, Shift::Carries(agent.id.clone(), can)));
            }
        }
        let incidents = dice.pick(&[0, 0, 1, 2]);
        for number in 0..incidents {
            let at = later(begins, SignedDuration::from_secs(dice.between(0, span)));
            shifts.push((at, Shift::Declares(number, affected(dice))));
            if dice.chance(5_000) {
                let over = later(at, SignedDuration::from_secs(dice.between(60, 50_000)));
                shifts.push((over, Shift::Closes(number)));
            }
        }
        // Nobody waits for weeks for whom nobody could work: that would be all that happens.
        let relief = later(begins, SignedDuration::from_secs(span + 7_200));
        shifts.retain(|(at, _)| *at < relief);
        shifts.extend(agents.iter().map(|agent| (relief, Shift::Helps(agent.id.clone()))));
        shifts.sort_by_key(|(at, _)| *at);
        let tenant = TenantId::parse("tn_shop").expect("our tenant has a name");
        Self { tenant, policies, teams: teams(dice), agents, webhooks: dice.pick(&[0, 0, 0, 1, 1, 2]), shifts }
    }
}

/// An agent who can do anything at any time.
pub(crate) fn able(agent: &Agent) -> Agent {
    let (languages, status) = (vec![Language::Zh, Language::En], Presence::Online);
    Agent { languages, capacity: 500, daily_cap: None, shift: None, status, ..agent.clone() }
}

/// Everybody is of the one team, or the last two of another that helps it out.
fn teams(dice: &mut Dice) -> Vec<Team> {
    let helps = dice.chance(5_000);
    let overflow: &[&str] = if helps { &["tm_help"] } else { &[] };
    let care = json!({"id": "tm_care", "name": "客服 Care", "categories": [], "fallback": true, "lead": "ag_ana", "overflow": overflow});
    let help = json!({"id": "tm_help", "name": "支援 Help", "categories": ["payment_invoice"]});
    [care, help].into_iter().map(|team| serde_json::from_value(team).expect("a team")).collect()
}

fn agent(name: &str, dice: &mut Dice) -> Agent {
    let teams: &[&str] = match name {
        "ana" | "bo" => &["tm_care", "tm_help"],
        "chen" => &["tm_care"],
        _ => &["tm_help", "tm_care"],
    };
    let skills: Value = Category::ALL.iter().map(|c| (c.as_str().to_owned(), json!(3))).collect();
    let languages: &[&str] = if dice.chance(8_500) { &["zh", "en"] } else { &["zh"] };
    let (shift, cap) = (dice.chance(2_500).then_some("late"), dice.chance(1_000).then(|| dice.between(1, 4)));
    serde_json::from_value(json!({
        "id": format!("ag_{name}"), "name": format!("{name} {MARKER}"), "teams": teams, "languages": languages,
        "skills": skills, "capacity": dice.between(1, 4), "status": "online", "shift": shift, "daily_cap": cap,
    }))
    .expect("an agent")
}

/// Whom an incident concerns: by what their orders are about, or by who carries them.
fn affected(dice: &mut Dice) -> Affected {
    let affected = if dice.chance(5_000) {
        json!({"category": ["logistics", dice.pick(&["product_quality", "account", "other"])]})
    } else {
        json!({"courier": [dice.pick(&["顺丰", "UPS"])]})
    };
    serde_json::from_value(affected).expect("whom it concerns")
}

/// What is promised and who is asked: as shipped, at once, or with levels that do more than tell.
fn policies(zone: &str, dice: &mut Dice) -> Policies {
    let mut policies = Policies::shipped();
    for calendar in &mut policies.calendars {
        if calendar.id == "office" {
            calendar.calendar["time_zone"] = json!(zone);
        }
    }
    let week =
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day.to_owned(), json!([["12:00", "23:00"]])));
    let week: Value = week.into_iter().collect();
    let late = json!({"id": "late", "version": 1, "calendar": {"time_zone": zone, "hours": week}});
    policies.calendars.push(serde_json::from_value(late).expect("a calendar"));
    if let Some(survey) = policies.survey.first_mut() {
        if dice.chance(5_000) {
            (survey.delay_seconds, survey.quiet_hours) = (0, None);
        }
        if dice.chance(5_000) {
            survey.cool_down_seconds = None;
        }
        if dice.chance(2_000) {
            let revisit = json!({"after": "expired", "share_percent": 50});
            survey.revisit = serde_json::from_value(revisit).expect("a revisit policy");
        }
    }
    if dice.chance(3_000) {
        let levels = json!([
            {"name": "near", "anchor": {"percent": 50}, "audience": "agent", "actions": ["notify", "watch"]},
            {"name": "at_due", "anchor": "at", "audience": "team_lead", "actions": ["notify", "raise", "webhook"]},
            {"name": "over", "anchor": {"after": 1800}, "audience": "supervisors", "actions": ["notify", "reassign"],
             "repeat": {"every_seconds": 43200, "max": 3}, "urgent": true}
        ]);
        for policy in &mut policies.sla {
            policy.levels = serde_json::from_value(levels.clone()).expect("a ladder");
        }
    }
    if dice.chance(3_000) {
        compensates(&mut policies, dice);
    }
    policies
}

/// What the compensations of one order come to at most, in minor units.
pub(crate) const CAP: i64 = 1_000;

/// Whoever waits too long is given something, up to the cap, and somebody or nobody must say so.
fn compensates(policies: &mut Policies, dice: &mut Dice) {
    let pays = json!({
        "name": "pays", "anchor": "at", "audience": "supervisors",
        "actions": ["notify", {"compensate": {"amount_minor": 600, "currency": "CNY"}}],
    });
    for policy in &mut policies.sla {
        policy.levels.push(serde_json::from_value(pays.clone()).expect("a level"));
        policy.compensation_cap = Some(Money { amount_minor: CAP, currency: "CNY".to_owned() });
    }
    let (automatic, supervisor) = dice.pick(&[(0, 600), (400, 600), (0, 500), (600, 600)]);
    policies.promises.approval = vec![ApprovalBand {
        currency: "CNY".to_owned(),
        automatic_up_to_minor: automatic,
        supervisor_up_to_minor: supervisor,
    }];
}
