//! A message that nobody can handle rests with its reason; its neighbours are done once.

use super::stack::{self, cloud, eventually};
use super::tenant::{Tenant, block_on};
use redress_domain::event::{Event, EventType};
use redress_service::keys::instant;

#[test]
fn a_poison_message_rests_in_its_dead_letter_queue_and_its_neighbours_are_done() {
    let shop = Tenant::open("poison");
    let before = dead_letters();
    let now = redress_aws::clock::now();
    let poison = Event::new(&shop.id, EventType::FeedbackReceived, "fb_nobody_said_this", 1, now);
    block_on(async { stack::world().await.queue.send(&poison).await }).unwrap();
    shop.order_of("邻居一切正常 my parcel is late");
    eventually("the poison to rest", || (dead_letters() > before).then_some(()));
    let logs = redress_local::logs(&cloud().state_dir, Some("classification")).unwrap();
    let reasons = logs.iter().filter(|line| line.message.contains("fb_nobody_said_this")).count();
    assert!(reasons > 0, "the reason is logged; at {}", instant(now));
}

fn dead_letters() -> usize {
    let queues = redress_local::queues(cloud()).unwrap();
    queues.iter().filter(|queue| queue.name == "classification").map(|queue| queue.dead_letters).sum()
}
