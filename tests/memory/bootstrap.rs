//! The first key of a tenant: made once, with the policies, by an operator and not over the API.

use crate::shop;
use redress_domain::policy::Policies;
use redress_service::auth::{Role, authenticate, key};
use redress_service::bootstrap::{self, Bootstrapped};
use redress_service::govern;
use redress_service::memory::{Crash, MemoryWorld};
use redress_service::ports::Write;
use redress_service::{Fault, keys};

fn world() -> MemoryWorld {
    MemoryWorld::new(super::world::MONDAY.parse().unwrap())
}

fn secret(number: u8) -> String {
    key(&[number; 32])
}

async fn run(memory: &MemoryWorld, number: u8, again: bool) -> Result<Bootstrapped, Fault> {
    bootstrap::run(&memory.world(), &shop::tenant(), &secret(number), again, memory.moment().now).await
}

async fn opens(memory: &MemoryWorld, number: u8) -> bool {
    let caller = authenticate(&memory.world(), &secret(number)).await.unwrap();
    caller.is_some_and(|caller| caller.role == Role::Admin && caller.tenant == shop::tenant())
}

fn published(memory: &MemoryWorld) -> bool {
    let policies = keys::policy(&shop::tenant());
    memory.store().snapshot().iter().any(|record| record.key == policies)
}

#[tokio::test]
async fn the_first_key_is_an_admins_and_comes_with_the_shipped_policies() {
    let memory = world();
    let Bootstrapped::Made { made, published: first } = run(&memory, 1, false).await.unwrap() else {
        panic!("nothing is there")
    };
    assert!(first && opens(&memory, 1).await && published(&memory));
    assert_eq!((made.key, made.shown.name.as_deref()), (secret(1), Some("bootstrap")));
    let shown = govern::calendars(&memory.world(), &shop::caller(Role::Admin)).await.unwrap();
    assert_eq!(shown.len(), Policies::shipped().calendars.len());
}

#[tokio::test]
async fn a_second_key_is_made_only_if_somebody_says_so_and_policies_stay_as_they_are() {
    let memory = world();
    run(&memory, 1, false).await.unwrap();
    let before = memory.store().snapshot();
    let Bootstrapped::Already(admin) = run(&memory, 2, false).await.unwrap() else { panic!("there is one") };
    assert!(secret(1).ends_with(&admin.hint) && !opens(&memory, 2).await);
    assert_eq!(memory.store().snapshot(), before);
    let Bootstrapped::Made { published: first, .. } = run(&memory, 2, true).await.unwrap() else {
        panic!("somebody said so")
    };
    assert!(!first && opens(&memory, 1).await && opens(&memory, 2).await);
}

#[tokio::test]
async fn a_key_that_is_listed_and_opens_nothing_is_none() {
    let memory = world();
    run(&memory, 1, false).await.unwrap();
    let snapshot = memory.store().snapshot();
    let valid = snapshot.iter().find(|record| record.key.partition.starts_with("key#")).unwrap();
    memory.world().store.commit(&[Write::Delete(valid.key.clone(), valid.version)]).await.unwrap();
    assert!(matches!(run(&memory, 2, false).await.unwrap(), Bootstrapped::Made { .. }));
    assert!(opens(&memory, 2).await);
}

#[tokio::test]
async fn whoever_dies_at_any_call_has_made_all_of_it_or_nothing_and_may_try_again() {
    for crash in [Crash::Before, Crash::After] {
        for call in 1.. {
            let memory = world();
            memory.faults().arm(call, crash);
            let died = run(&memory, 1, false).await.is_err();
            if !memory.faults().disarm() {
                assert!(call > 3, "{call} calls are too few");
                break;
            }
            assert!(died);
            assert_eq!(published(&memory), opens(&memory, 1).await, "{call} {crash:?}");
            run(&memory, 2, true).await.unwrap();
            assert!(opens(&memory, 2).await, "{call} {crash:?}");
        }
    }
}
