//! The local cloud that all scenarios share, on a port and with a state of its own.

use redress_aws::config::{LocalCloud, Settings, world_at};
use redress_local::{Cloud, Options};
use redress_service::ports::World;
use std::net::TcpListener;
use std::path::Path;
use std::sync::LazyLock;

static CLOUD: LazyLock<Cloud> = LazyLock::new(|| {
    let options = options("local-cloud");
    redress_local::down(&options.state_dir, true).expect("an earlier run's cloud ends");
    start(&options)
});

/// How to start a cloud with a state of that name, which ends with this process.
pub(crate) fn options(state: &str) -> Options {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is a folder of the checkout");
    let mut options = Options::new(root);
    options.state_dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(state);
    options.port = Some(free_port());
    options.stay = false;
    options
}

pub(crate) fn start(options: &Options) -> Cloud {
    redress_local::up(options, &mut |_| {}).expect("the local cloud starts")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// The running cloud.
pub(crate) fn cloud() -> &'static Cloud {
    &CLOUD
}

/// Its table, queues and bucket, as the functions see them.
pub(crate) async fn world() -> World {
    world_of(cloud()).await
}

/// A cloud's table, queues and bucket.
pub(crate) async fn world_of(cloud: &Cloud) -> World {
    let settings = Settings::deployed(|name| cloud.outputs.get(name).cloned());
    world_at(&at(cloud), &settings).await
}

/// Where the SDK finds it.
pub(crate) fn at(cloud: &Cloud) -> LocalCloud {
    LocalCloud { endpoint: cloud.endpoint.clone(), region: cloud.region.clone(), account: "test".to_owned() }
}

/// Looks until `look` finds something, for at most a minute.
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(60, what, look)
}

/// The same for as many seconds: a sweep comes once a minute.
pub(crate) fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    while std::time::Instant::now() < deadline {
        if let Some(found) = look() {
            return found;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!("waited {seconds} s in vain for {what}");
}
