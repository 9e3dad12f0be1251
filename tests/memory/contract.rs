//! The in-memory store keeps the contract that every store must keep.

use jiff::Timestamp;
use redress_service::contract;
use redress_service::memory::MemoryWorld;

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    let memory = MemoryWorld::new(Timestamp::UNIX_EPOCH);
    contract::check(memory.world().store.as_ref(), "memory").await;
}
