//! What a delivery to a person says and by what it goes, found out at the moment of sending: wishes,
//! addresses and words are read where they are kept, and stand in no delivery and no queue.

mod draft;
mod pace;

pub use draft::{Content, Letter};

use crate::deliver::Came;
use crate::desk::Message;
use crate::documents::load;
use crate::fault::Fault;
use crate::ports::World;
use crate::receive::{self, Reception};
use crate::{Moment, incidents, keys, links, orders, publish, secret, suppressions, wishes};
use draft::Draft;
use redress_domain::category::Language;
use redress_domain::delivery::{Delivery, Recipient};
use redress_domain::feedback::Channel;
use redress_domain::id::{AgentId, FeedbackId, IncidentId, TenantId};
use redress_domain::identity::{Identity, IdentityKind, international};
use redress_domain::incident::{self, IncidentState};
use redress_domain::order::WorkOrder;
use redress_domain::reach::{self, Medium, QuietHours, Reach, Telling, Topic, Unreached};
use redress_domain::survey::zone;
use redress_messages::{Message as Said, Values};

/// In which language a customer is told who never said or showed one.
const SHOPS: Language = Language::Zh;

/// What becomes of a delivery to a person.
pub(crate) enum Composed {
    /// This goes out.
    Letter(Box<Letter>),
    /// Nothing goes out, now or at all, and this is what comes of it.
    Without(Came),
}

/// What becomes of `delivery` now.
///
/// # Errors
/// The world did not answer.
pub(crate) async fn compose(
    world: &World,
    tenant: &TenantId,
    delivery: &Delivery,
    moment: Moment,
) -> Result<Composed, Fault> {
    let Some(topic) = Topic::of(template(delivery)) else {
        return Ok(Composed::Without(Came::Suppressed("unknown_template")));
    };
    let composing = Composing { world, tenant, delivery, topic, moment };
    match &delivery.to {
        Recipient::Agent(agent) => composing.to_agent(agent).await,
        Recipient::Customer(_) => composing.to_customer().await,
        // Nobody has said where they are reached outside of the console.
        Recipient::Supervisors | Recipient::Subscribers(_) | Recipient::Compensation => {
            Ok(Composed::Without(Came::shown()))
        }
        Recipient::Webhook(_) => Ok(Composed::Without(Came::Suppressed("no_person"))),
    }
}

/// What becomes of a delivery that goes nowhere outside, whatever the addresses are: that is known before
/// anybody is sent for; `None` if it may go out.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn foreseen(world: &World, tenant: &TenantId, delivery: &Delivery) -> Result<Option<Came>, Fault> {
    let Some(topic) = Topic::of(template(delivery)) else { return Ok(None) };
    Ok(match &delivery.to {
        Recipient::Agent(agent) => {
            let wishes = wishes::of_agent(world, tenant, agent).await?.value;
            wishes.stays_inside(topic).then_some(Came::shown())
        }
        Recipient::Supervisors | Recipient::Subscribers(_) | Recipient::Compensation => Some(Came::shown()),
        Recipient::Customer(reference) => {
            let Some(id) = &delivery.work_order else { return Ok(None) };
            let Some(order) = orders::find(world, tenant, id).await? else { return Ok(None) };
            let wishes = wishes::of_customer(world, tenant, reference).await?.value;
            reach::never(order.value.channel, topic, &wishes).map(|why| Came::Suppressed(why.as_str()))
        }
        Recipient::Webhook(_) => None,
    })
}

/// What becomes of a letter instead, if so many went to its address within the hour that it looks like a
/// loop. Counts it.
///
/// # Errors
/// The store did not answer.
pub(crate) async fn loops(
    world: &World,
    tenant: &TenantId,
    delivery: &Delivery,
    letter: &Letter,
    now: jiff::Timestamp,
) -> Result<Option<Came>, Fault> {
    // Counted once: that a carrier refuses it for the moment makes no loop.
    if !letter.automatic || delivery.tried > 0 || pace::keeps(world, tenant, &letter.identity, now).await? {
        return Ok(None);
    }
    // An agent still has it in the console.
    let shown = matches!(delivery.to, Recipient::Agent(_));
    Ok(Some(if shown { Came::shown() } else { Came::Suppressed(Unreached::TooMany.as_str()) }))
}

/// The template that says it: an event's type is none, but one of them is told to people, too.
pub(crate) fn template(delivery: &Delivery) -> &str {
    match delivery.template.as_str() {
        "compensation.requested.v1" => "compensation_requested",
        template => template,
    }
}

/// What the texts of a delivery need that is known without reading more.
pub(crate) fn values(delivery: &Delivery, language: Language) -> Values {
    let values = Values::of(&delivery.data, language);
    match &delivery.work_order {
        Some(order) => values.with("order", order.as_str()),
        None => values,
    }
}

/// The addresses of one reader.
struct Addresses {
    email: Option<(String, Identity)>,
    phone: Option<(String, Identity)>,
}

impl Addresses {
    fn of(email: Option<&str>, phone: Option<&str>) -> Self {
        let read = |kind, text: String| Some((text.clone(), Identity::read(kind, &text)?));
        Self {
            email: email.and_then(|email| read(IdentityKind::Email, email.to_owned())),
            phone: phone.and_then(international).and_then(|phone| read(IdentityKind::Phone, phone)),
        }
    }

    fn by(&self, medium: Medium) -> Option<&(String, Identity)> {
        match medium {
            Medium::Email => self.email.as_ref(),
            Medium::Sms => self.phone.as_ref(),
            Medium::InApp => None,
        }
    }
}

struct Composing<'a> {
    world: &'a World,
    tenant: &'a TenantId,
    delivery: &'a Delivery,
    topic: Topic,
    moment: Moment,
}

impl Composing<'_> {
    async fn to_agent(&self, id: &AgentId) -> Result<Composed, Fault> {
        let wishes = wishes::of_agent(self.world, self.tenant, id).await?.value;
        let addresses = Addresses::of(wishes.email.as_deref(), wishes.phone.as_deref());
        let telling = self.telling(&addresses).await?;
        let terms = publish::terms(self.world, self.tenant).await?;
        let reach = reach::agent(telling, &wishes, terms.own_zone());
        let language = reach::language(wishes.locale.as_deref(), None, SHOPS);
        self.by(reach, &addresses, Draft::new(self.delivery, language, values(self.delivery, language))).await
    }

    async fn to_customer(&self) -> Result<Composed, Fault> {
        let Some(id) = &self.delivery.work_order else { return Ok(Composed::Without(Came::Suppressed("no_order"))) };
        let Some(order) = orders::find(self.world, self.tenant, id).await? else {
            return Ok(Composed::Without(Came::Suppressed("no_order")));
        };
        let order = order.value;
        let said = self.newest(&order).await?;
        let addresses = addresses(&order, said.as_ref());
        let reference = &order.customer.reference;
        let wishes = wishes::of_customer(self.world, self.tenant, reference).await?.value;
        let telling = self.telling(&addresses).await?;
        let terms = publish::terms(self.world, self.tenant).await?;
        // The customer's own night, as for surveys; where it is not known, the shop's.
        let zone = order.customer.locale.as_deref().and_then(zone::of_locale).unwrap_or(terms.own_zone());
        let reach = reach::customer(telling, order.channel, &wishes, (QuietHours::CUSTOMERS, zone));
        let locale = wishes.locale.as_deref().or(order.customer.locale.as_deref());
        let language = reach::language(locale, Some(order.language), SHOPS);
        let Some(values) = self.customers_values(&order, language, reach).await? else {
            let warned = template(self.delivery) == incident::TEMPLATE;
            return Ok(Composed::Without(Came::Suppressed(if warned { "incident_closed" } else { "no_words" })));
        };
        let answers = said.as_ref().and_then(answered);
        self.by(reach, &addresses, Draft::new(self.delivery, language, values).answering(answers)).await
    }

    async fn telling(&self, addresses: &Addresses) -> Result<Telling, Fault> {
        let leave = |known: Option<&(String, Identity)>| {
            let address = known.map(|(_, identity)| identity.clone());
            async move { suppressions::leave(self.world, self.tenant, address.as_ref()).await }
        };
        Ok(Telling {
            topic: self.topic,
            urgent: self.delivery.data["urgent"] == true,
            email: leave(addresses.email.as_ref()).await?,
            phone: leave(addresses.phone.as_ref()).await?,
            now: self.moment.now,
        })
    }

    /// The newest of what the order's own customer said on it, which has what is known last.
    async fn newest(&self, order: &WorkOrder) -> Result<Option<Reception>, Fault> {
        let Some(id) = order.feedback_ids.last() else { return Ok(None) };
        let found = receive::find(self.world, self.tenant, id).await?.map(|stored| stored.value);
        Ok(found.filter(|said| said.feedback.customer.reference == order.customer.reference))
    }

    /// What a customer's message says besides; `None` if the words that it is about are not there.
    async fn customers_values(
        &self,
        order: &WorkOrder,
        language: Language,
        reach: Reach,
    ) -> Result<Option<Values>, Fault> {
        let values = values(self.delivery, language).with("link", self.link(order).await?);
        if template(self.delivery) == incident::TEMPLATE {
            return self.warning(values, language, reach).await;
        }
        if self.topic != Topic::Reply {
            return Ok(Some(values));
        }
        let Some(number) = self.delivery.data["number"].as_u64().and_then(|number| u32::try_from(number).ok()) else {
            return Ok(None);
        };
        let message =
            load::<Message>(self.world.store.as_ref(), &keys::message(self.tenant, &order.id, number)).await?;
        let words = message.map(|message| message.value.body);
        Ok(words.map(|words| values.with("words_said", draft::within(&words, reach == Reach::By(Medium::Sms)))))
    }

    /// What is said of an incident; nothing once it is closed, since it would be news of yesterday.
    async fn warning(&self, values: Values, language: Language, reach: Reach) -> Result<Option<Values>, Fault> {
        let Some(id) = self.delivery.data["incident"].as_str().and_then(IncidentId::parse) else { return Ok(None) };
        let found = incidents::find(self.world, self.tenant, &id).await?.map(|stored| stored.value);
        let open = found.filter(|incident| incident.state == IncidentState::Open);
        Ok(open.map(|incident| {
            let (headline, words) = incident.said(language);
            let words = draft::within(words, reach == Reach::By(Medium::Sms));
            values.with("headline", headline).with("words_said", words)
        }))
    }

    /// What the message leads to: the survey, or how far what was said is.
    async fn link(&self, order: &WorkOrder) -> Result<String, Fault> {
        if let Some(path) = self.delivery.data["path"].as_str() {
            return Ok(self.world.link(path));
        }
        let Some(feedback) = order.feedback_ids.first() else { return Ok(String::new()) };
        self.tracking(feedback).await
    }

    async fn tracking(&self, feedback: &FeedbackId) -> Result<String, Fault> {
        let secret = self.secret().await?;
        Ok(self.world.link(&format!("/t/{}", links::tracking(&secret, self.tenant, feedback))))
    }

    async fn secret(&self) -> Result<secret::Secret, Fault> {
        secret::get_or_create(self.world, self.moment.part(1), self.moment.part(2)).await
    }

    /// The letter, if it goes out now.
    async fn by(&self, reach: Reach, addresses: &Addresses, draft: Draft<'_>) -> Result<Composed, Fault> {
        let medium = match reach {
            Reach::By(Medium::InApp) => return Ok(Composed::Without(Came::shown())),
            Reach::By(medium) => medium,
            Reach::Later(at) => return Ok(Composed::Without(Came::Later(at))),
            Reach::Not(why) => return Ok(Composed::Without(Came::Suppressed(why.as_str()))),
        };
        let Some((address, identity)) = addresses.by(medium) else {
            return Ok(Composed::Without(Came::Suppressed(Unreached::NoAddress.as_str())));
        };
        let unsubscribe = match (&self.delivery.to, medium) {
            (Recipient::Customer(_), Medium::Email) if !self.topic.is_personal() => Some(self.leave(identity).await?),
            _ => None,
        };
        let said = Said::new(template(self.delivery), draft.language, draft.values.clone());
        let content = said.and_then(|said| draft::content(&said, medium, unsubscribe));
        let (content, language) = match content {
            Ok(content) => content,
            Err(error) => {
                tracing::error!(delivery.id = self.delivery.id.as_str(), error = %error, "can't be written");
                return Ok(Composed::Without(Came::Suppressed("unwritable")));
            }
        };
        let automatic = !self.topic.is_personal();
        Ok(Composed::Letter(Box::new(draft.letter(self.tenant, (address, identity), content, (language, automatic)))))
    }

    /// Where the owner of an address says that mails like this are not wanted.
    async fn leave(&self, identity: &Identity) -> Result<String, Fault> {
        let secret = self.secret().await?;
        Ok(self.world.link(&format!("/u/{}", links::unsubscribe(&secret, self.tenant, identity))))
    }
}

/// Where an order's customer is reached: as its first feedback has it, and else the newest.
fn addresses(order: &WorkOrder, said: Option<&Reception>) -> Addresses {
    let newest = said.map(|said| &said.feedback.customer);
    let email = order.customer.email.as_deref().or(newest.and_then(|customer| customer.email.as_deref()));
    let phone = order.customer.phone.as_deref().or(newest.and_then(|customer| customer.phone.as_deref()));
    Addresses::of(email, phone)
}

/// The mail that a message answers, by the id that its channel gave it.
fn answered(said: &Reception) -> Option<String> {
    let id = said.feedback.source_message_id.as_ref().filter(|_| said.feedback.channel == Channel::Email)?;
    let bare = id.trim_start_matches('<').trim_end_matches('>');
    let plain = bare.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    (plain && bare.len() <= 250 && bare.contains('@')).then(|| format!("<{bare}>"))
}
