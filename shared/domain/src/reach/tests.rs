use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const SHANGHAI: &str = "Asia/Shanghai";

/// Noon in Shanghai.
const NOON: &str = "2026-11-23T04:00:00Z";

/// Eleven at night in Shanghai.
const NIGHT: &str = "2026-11-23T15:00:00Z";

/// Nine in the morning after that night.
const MORNING: &str = "2026-11-24T01:00:00Z";

fn telling(topic: Topic, now: &str) -> Telling {
    Telling { topic, urgent: false, email: Address::Open, phone: Address::Open, now: at(now) }
}

fn told(telling: Telling, channel: Channel, wishes: &CustomerWishes) -> Reach {
    customer(telling, channel, wishes, (QuietHours::CUSTOMERS, SHANGHAI))
}

#[test]
fn a_customer_is_told_by_the_channel_that_the_customer_spoke_by() {
    use Reach::{By, Not};
    for (channel, topic, reach) in [
        (Channel::Email, Topic::Survey, By(Medium::Email)),
        (Channel::Email, Topic::Reply, By(Medium::Email)),
        (Channel::Sms, Topic::Progress, By(Medium::Sms)),
        (Channel::Phone, Topic::Reply, By(Medium::Sms)),
        (Channel::Web, Topic::Survey, By(Medium::Email)),
        (Channel::Wechat, Topic::Progress, Not(Unreached::NoAddress)),
        (Channel::App, Topic::Reply, Not(Unreached::NoAddress)),
    ] {
        assert_eq!(told(telling(topic, NOON), channel, &CustomerWishes::default()), reach, "{channel:?} {topic:?}");
    }
}

#[test]
fn where_the_first_address_is_unknown_or_closed_the_other_serves() {
    for (email, phone, reach) in [
        (Address::Open, Address::Open, Reach::By(Medium::Email)),
        (Address::Closed, Address::Open, Reach::By(Medium::Sms)),
        (Address::Unknown, Address::Open, Reach::By(Medium::Sms)),
        (Address::Unsubscribed, Address::Unknown, Reach::Not(Unreached::Suppressed)),
        (Address::Closed, Address::Closed, Reach::Not(Unreached::Suppressed)),
        (Address::Unknown, Address::Unknown, Reach::Not(Unreached::NoAddress)),
    ] {
        let telling = Telling { email, phone, ..telling(Topic::Progress, NOON) };
        assert_eq!(told(telling, Channel::Email, &CustomerWishes::default()), reach, "{email:?} {phone:?}");
    }
}

#[test]
fn who_unsubscribed_still_gets_the_answer_that_a_person_wrote_and_who_bounced_does_not() {
    let to = |email| Telling { email, phone: Address::Unknown, ..telling(Topic::Reply, NOON) };
    let reach = |email| told(to(email), Channel::Email, &CustomerWishes::default());
    assert_eq!(reach(Address::Unsubscribed), Reach::By(Medium::Email));
    assert_eq!(reach(Address::Closed), Reach::Not(Unreached::Suppressed));
}

#[test]
fn a_customer_is_told_as_the_customer_wishes() {
    let channels = |channels: &[Medium]| CustomerWishes { channels: Some(channels.to_vec()), ..Default::default() };
    let muted = CustomerWishes { muted: [Topic::Survey].into(), ..Default::default() };
    for (wishes, channel, topic, reach) in [
        (channels(&[Medium::Sms]), Channel::Email, Topic::Survey, Reach::By(Medium::Sms)),
        (channels(&[Medium::Email]), Channel::Wechat, Topic::Progress, Reach::By(Medium::Email)),
        (channels(&[]), Channel::Email, Topic::Reply, Reach::Not(Unreached::OptedOut)),
        (muted.clone(), Channel::Email, Topic::Survey, Reach::Not(Unreached::OptedOut)),
        (muted, Channel::Email, Topic::Progress, Reach::By(Medium::Email)),
    ] {
        assert_eq!(told(telling(topic, NOON), channel, &wishes), reach, "{wishes:?} {topic:?}");
    }
}

#[test]
fn nothing_but_an_answer_by_mail_reaches_a_customer_at_night_and_a_survey_when_its_policy_says() {
    let night = |topic| telling(topic, NIGHT);
    let wishes = CustomerWishes::default();
    assert_eq!(told(night(Topic::Progress), Channel::Email, &wishes), Reach::Later(at(MORNING)));
    assert_eq!(told(night(Topic::Survey), Channel::Sms, &wishes), Reach::By(Medium::Sms), "timed by its own policy");
    assert_eq!(told(night(Topic::Reply), Channel::Email, &wishes), Reach::By(Medium::Email));
    assert_eq!(told(night(Topic::Reply), Channel::Sms, &wishes), Reach::Later(at(MORNING)));
    let urgent = Telling { urgent: true, ..night(Topic::Progress) };
    assert_eq!(told(urgent, Channel::Sms, &wishes), Reach::By(Medium::Sms));
}

#[test]
fn who_unsubscribed_from_our_mails_gets_no_text_message_in_their_place_unless_they_chose_it() {
    let chosen = CustomerWishes { channels: Some(vec![Medium::Email, Medium::Sms]), ..CustomerWishes::default() };
    for (topic, wishes, reach) in [
        (Topic::Survey, CustomerWishes::default(), Reach::Not(Unreached::Suppressed)),
        (Topic::Progress, CustomerWishes::default(), Reach::Not(Unreached::Suppressed)),
        (Topic::Reply, CustomerWishes::default(), Reach::By(Medium::Email)),
        (Topic::Survey, chosen, Reach::By(Medium::Sms)),
    ] {
        let telling = Telling { email: Address::Unsubscribed, ..telling(topic, NOON) };
        assert_eq!(told(telling, Channel::Email, &wishes), reach, "{topic:?}");
    }
}

#[test]
fn an_agent_is_told_in_the_console_and_outside_of_it_where_that_is_wished() {
    let quiet = AgentWishes { quiet_hours: Some(QuietHours::CUSTOMERS), ..Default::default() };
    let mute = AgentWishes { mute: [Topic::Watching].into(), ..Default::default() };
    let urgent = |now| Telling { urgent: true, ..telling(Topic::Escalation, now) };
    let nowhere = Telling { email: Address::Unknown, phone: Address::Open, ..telling(Topic::Assignment, NOON) };
    for (telling, wishes, reach) in [
        (telling(Topic::Assignment, NOON), AgentWishes::default(), Reach::By(Medium::Email)),
        (nowhere, AgentWishes::default(), Reach::By(Medium::InApp)),
        (telling(Topic::Watching, NOON), mute, Reach::By(Medium::InApp)),
        (telling(Topic::Escalation, NIGHT), quiet.clone(), Reach::Later(at(MORNING))),
        (urgent(NIGHT), quiet, Reach::By(Medium::Sms)),
    ] {
        assert_eq!(agent(telling, &wishes, SHANGHAI), reach, "{telling:?}");
    }
}

#[test]
fn a_time_of_day_is_two_digits_twice() {
    for good in ["00:00", "09:30", "23:59"] {
        assert_eq!(TimeOfDay::parse(good).unwrap().to_string(), good);
    }
    for bad in ["", "9:30", "24:00", "12:60", "+1:00", "12:00:00", "１２:00", "12"] {
        assert_eq!(TimeOfDay::parse(bad), None, "{bad}");
    }
}
