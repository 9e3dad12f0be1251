//! A message that nobody can handle rests with its reason; its neighbours are done once. It goes back
//! when somebody says so.

use super::stack::{self, cloud, eventually};
use super::tenant::{Tenant, block_on};
use redress_aws::config::sdk_at;
use redress_aws::queue::{Redrive, Tally};
use redress_domain::event::{Event, EventType, QueueName};
use redress_service::keys::instant;

#[test]
fn a_poison_message_rests_in_its_dead_letter_queue_and_its_neighbours_are_done() {
    let shop = Tenant::open("poison");
    let before = dead_letters("classification");
    let now = redress_aws::clock::now();
    let poison = Event::new(&shop.id, EventType::FeedbackReceived, "fb_nobody_said_this", 1, now);
    block_on(async { stack::world().await.queue.send(&poison).await }).unwrap();
    shop.order_of("邻居一切正常 my parcel is late");
    eventually("the poison to rest", || (dead_letters("classification") > before).then_some(()));
    let logs = redress_local::logs(&cloud().state_dir, Some("classification")).unwrap();
    let reasons = logs.iter().filter(|line| line.message.contains("fb_nobody_said_this")).count();
    assert!(reasons > 0, "the reason is logged; at {}", instant(now));
}

/// Nobody else lays a timer aside: its queue is this scenario's own.
#[test]
fn dead_letters_go_back_into_their_queue_with_what_they_said_and_those_that_fail_again_rest_again() {
    let shop = Tenant::open("redrive");
    let now = redress_aws::clock::now();
    let timers =
        (1..=3).map(|number| Event::new(&shop.id, EventType::WorkOrderDue, &format!("wo_of_nobody_{number}"), 1, now));
    block_on(async {
        let queue = stack::world().await.queue;
        for timer in timers {
            queue.send(&timer).await.unwrap();
        }
    });
    let rest = |many: usize| {
        eventually("the timers to rest", || (failures() == many && dead_letters("escalation") == 3).then_some(()));
    };
    rest(3);
    let found = [(Some("not found".to_owned()), 3)].into();
    assert_eq!(redrive(usize::MAX, true), Tally { by_reason: found, left: 0 });
    rest(3);
    assert_eq!(redrive(1, false).messages(), 1);
    rest(4);
    // They fail at once and rest again while this is at work, which ends all the same.
    assert_eq!(redrive(usize::MAX, false).messages(), 3);
    rest(7);
}

fn redrive(limit: usize, look: bool) -> Tally {
    block_on(async {
        let (sdk, output) = (sdk_at(&stack::at(cloud())).await, |name: &str| cloud().outputs.get(name).cloned());
        let now = redress_aws::clock::now();
        let mut redrive = Redrive::deployed(&sdk, QueueName::Escalation, output, now).unwrap();
        let mut tally = Tally::default();
        while if look { redrive.look(limit, &mut tally).await } else { redrive.put_back(limit, &mut tally).await }
            .unwrap()
        {}
        redrive.let_go().await;
        tally
    })
}

/// How often a timer of an order that is not there was tried.
fn failures() -> usize {
    let logs = redress_local::logs(&cloud().state_dir, Some("escalation")).unwrap();
    logs.iter().filter(|line| line.message.contains("event failed") && line.message.contains("wo_of_nobody")).count()
}

fn dead_letters(queue: &str) -> usize {
    let queues = redress_local::queues(cloud()).unwrap();
    queues.iter().filter(|depth| depth.name == queue).map(|depth| depth.dead_letters).sum()
}
