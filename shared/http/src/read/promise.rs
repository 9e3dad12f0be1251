//! Service promises, and verdicts on what follows from them, as the API takes them.

use super::amendment::REASON;
use super::feedback::EXACT;
use super::policy::{MANY, faults, metric};
use super::text::currency;
use super::{Reader, list, object, one_of, slug, whole, words};
use redress_domain::bilingual::Bilingual;
use redress_domain::compensation::{ApprovalBand, Asked, Verdict};
use redress_domain::policy::Terms;
use redress_domain::promise::{Backing, PROMISES, ServicePromise, ServicePromises};

/// The longest title, in characters.
const TITLE: usize = 100;

/// The longest text, in characters: whoever decides anything reads all of the policies.
const TEXT: usize = 500;

/// All that a shop promises, beside the SLA policies of `terms`. Its version is ours to give.
pub(crate) fn promises(terms: &Terms) -> impl Reader<Of = ServicePromises> {
    object(move |fields| {
        let promises = fields.required("promises", list(PROMISES, promise()));
        let approval = fields.optional("approval", list(MANY, band())).unwrap_or_default();
        let read = ServicePromises { promises: promises.unwrap_or_default(), approval, ..ServicePromises::default() };
        fields.refuse_untold(faults(read.faults(&terms.policies.sla)));
        Some(read)
    })
}

fn promise() -> impl Reader<Of = ServicePromise> {
    object(|fields| {
        let id = fields.required("id", slug());
        let title = fields.required("title", bilingual(TITLE));
        let text = fields.required("text", bilingual(TEXT));
        let backed_by = fields.optional("backed_by", backing());
        id.zip(title).zip(text).map(|((id, title), text)| ServicePromise { id, title, text, backed_by })
    })
}

/// The same text in both languages.
pub(super) fn bilingual(most: usize) -> impl Reader<Of = Bilingual> {
    object(move |fields| {
        let zh = fields.required("zh", words(most));
        let en = fields.required("en", words(most));
        zh.zip(en).map(|(zh, en)| Bilingual { zh, en })
    })
}

fn backing() -> impl Reader<Of = Backing> {
    object(|fields| {
        let sla_policy = fields.required("sla_policy", slug());
        let metric = fields.required("metric", metric());
        sla_policy.zip(metric).map(|(sla_policy, metric)| Backing { sla_policy, metric })
    })
}

fn band() -> impl Reader<Of = ApprovalBand> {
    object(|fields| {
        let currency = fields.required("currency", currency());
        let automatic_up_to_minor = fields.optional("automatic_up_to_minor", whole(0, EXACT)).unwrap_or_default();
        let supervisor = fields.required("supervisor_up_to_minor", whole(0, EXACT));
        currency.zip(supervisor).map(|(currency, supervisor_up_to_minor)| ApprovalBand {
            currency,
            automatic_up_to_minor,
            supervisor_up_to_minor,
        })
    })
}

/// What somebody decides of a compensation. Whether it is less than was asked for, and so needs a
/// reason, is known further in.
pub(crate) fn verdict() -> impl Reader<Of = Asked> {
    object(|fields| {
        let decision = fields.required("decision", one_of(&Verdict::ALL));
        let amount_minor = fields.optional("amount_minor", whole(1, EXACT));
        let reason = fields.optional("reason", words(REASON));
        if decision == Some(Verdict::Declined) {
            if amount_minor.is_some() {
                fields.refuse("amount_minor", "what is declined has no amount: leave it out");
            }
            if !fields.has("reason") {
                fields.refuse("reason", "required: whoever declines says why");
            }
        }
        decision.map(|decision| Asked { decision, amount_minor, reason })
    })
}
