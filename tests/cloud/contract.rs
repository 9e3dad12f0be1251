//! The table keeps the contract that every store must keep.

use super::{stack, tenant};
use redress_service::contract;

#[test]
fn the_table_in_the_local_cloud_keeps_the_contract() {
    tenant::block_on(async { contract::check(stack::world().await.store.as_ref(), "table").await });
}
