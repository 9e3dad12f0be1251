//! How a customer's tone moves.

use super::Desk;
use crate::fact::{Direction, Visibility, What};
use crate::order::Entry;

/// The falls on record after the customer spoke in these tones, the first −10 when it all began.
fn falls(tones: &[i8]) -> Vec<(i8, i8)> {
    let mut desk = Desk::assigned();
    desk.order.tones = vec![-10];
    for tone in tones {
        let by = Entry::new(&desk.agent, desk.now, &desk.terms);
        desk.order.post(by, Direction::Inbound, Visibility::Public, Some(*tone)).unwrap();
    }
    let fell = |what: &What| match what {
        What::SentimentDropped { from, to } => Some((*from, *to)),
        _ => None,
    };
    desk.order.facts.iter().filter_map(|fact| fell(&fact.what)).collect()
}

#[test]
fn a_tone_that_falls_sharply_below_what_it_was_is_told_once() {
    assert_eq!(falls(&[30, -90]), [(10, -90)]);
    assert_eq!(falls(&[30, -90, -90, -95]), [(10, -90)]);
}

#[test]
fn who_cheers_up_and_is_disappointed_again_is_told_of_again() {
    assert_eq!(falls(&[50, -90, 80, -90]), [(20, -90), (7, -90)]);
}

#[test]
fn a_customer_who_was_unhappy_from_the_start_or_only_cools_down_is_no_news() {
    assert_eq!(falls(&[-40, -60, -65]), []);
    assert_eq!(falls(&[90, 10]), []);
    assert_eq!(falls(&[100, 100, 100, 0]), [], "who is neither happy nor unhappy is not angry");
}

#[test]
fn only_the_last_few_tones_are_kept_and_show_the_change() {
    let mut desk = Desk::assigned();
    assert_eq!(desk.order.tone_change(), None, "who has spoken once has not changed");
    for tone in [90, 0, 0, 0, 0, 0, 0, 14, -50] {
        let by = Entry::new(&desk.agent, desk.now, &desk.terms);
        desk.order.post(by, Direction::Inbound, Visibility::Public, Some(tone)).unwrap();
    }
    assert_eq!(desk.order.tones, [0, 0, 0, 0, 0, 0, 14, -50]);
    assert_eq!(desk.order.tone_change(), Some(-52));
}
