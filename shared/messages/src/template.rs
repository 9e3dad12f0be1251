//! Every template: who reads it, and what it says. Read by the build too, which holds the texts
//! against it.

/// Who reads a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A customer, who knows no word of ours.
    Customer,
    /// Who works here.
    Staff,
}

/// Something that people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Its name, as deliveries say it.
    pub name: &'static str,
    /// Who reads it.
    pub reader: Reader,
    /// What it can't be said without.
    pub needs: &'static [&'static str],
    /// What it says too where that is known.
    pub takes: &'static [&'static str],
}

const fn staff(name: &'static str, needs: &'static [&'static str], takes: &'static [&'static str]) -> Template {
    Template { name, reader: Reader::Staff, needs, takes }
}

const fn customer(name: &'static str, needs: &'static [&'static str], takes: &'static [&'static str]) -> Template {
    Template { name, reader: Reader::Customer, needs, takes }
}

/// Every template there is.
pub const TEMPLATES: &[Template] = &[
    staff("order_assigned", &["order", "priority"], &["due"]),
    staff("order_taken_away", &["order", "priority"], &[]),
    staff("order_escalated", &["order", "priority", "level"], &["metric", "due"]),
    staff("order_watched", &["order"], &["status", "level", "duplicate", "into"]),
    staff("order_merged", &["duplicate", "into"], &[]),
    staff("order_child_done", &["order", "child", "status"], &[]),
    staff("order_child_reopened", &["order", "child"], &[]),
    staff("order_reported", &["order", "category", "priority"], &[]),
    staff("sentiment_dropped", &["order", "from", "to"], &[]),
    staff("compensation_requested", &["order", "amount"], &[]),
    staff("webhook_disabled", &["webhook", "reason"], &[]),
    customer("survey_invitation", &["link"], &["until"]),
    customer("survey_reminder", &["link"], &["until"]),
    customer("reply_posted", &["link", "words_said"], &[]),
    customer("order_resolved", &["link"], &["until"]),
    customer("incident", &["link", "headline", "words_said"], &[]),
];
