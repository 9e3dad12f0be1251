//! Whether a customer can be sent a question.

use crate::feedback::{Channel, Customer};

/// Whether there is a way to ask the customer: an address, a telephone, or a channel that carries
/// something back by itself, as the shop's own pages, its app and messengers do.
#[must_use]
pub fn can_answer(channel: Channel, customer: &Customer) -> bool {
    let one_way = matches!(channel, Channel::Phone | Channel::Marketplace | Channel::Store | Channel::Device);
    !one_way || customer.email.is_some() || customer.phone.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_left_no_address_can_be_asked_where_the_channel_carries_something_back() {
        let customer = |email: Option<&str>, phone: Option<&str>| Customer {
            reference: "c-1".to_owned(),
            name: None,
            email: email.map(str::to_owned),
            phone: phone.map(str::to_owned),
            tier: None,
            locale: None,
        };
        for (channel, _) in Channel::ALL {
            let one_way = ["phone", "marketplace", "store", "device"];
            let word = serde_json::to_value(channel).unwrap();
            assert_eq!(
                can_answer(channel, &customer(None, None)),
                !one_way.contains(&word.as_str().unwrap()),
                "{word}"
            );
            assert!(can_answer(channel, &customer(Some("m@x.cn"), None)));
            assert!(can_answer(channel, &customer(None, Some("13800138000"))));
        }
    }
}
