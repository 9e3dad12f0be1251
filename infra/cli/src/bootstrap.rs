//! `redress bootstrap`: a tenant's first policies, and the first key of an admin of it.

use crate::stack::Target;
use crate::{Failure, doctor, keys, seed, terminal};
use redress_aws::config::world_of;
use redress_aws::readiness;
use redress_domain::id::TenantId;
use redress_service::bootstrap::{self, Bootstrapped};
use redress_service::ports::PortError;
use serde_json::json;

/// What `bootstrap` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A deployed stack, reached by the usual AWS configuration; the local cloud if absent.
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// Whose key: an id of your own choice that begins with tn_, of letters, digits, _ and -.
    #[arg(long, value_name = "ID", value_parser = doctor::tenant)]
    tenant: TenantId,
    /// Make another key although there is one of an admin's.
    #[arg(long)]
    again: bool,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Runs it. Exit 1 if there is an admin's key already.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let target = Target::of(arguments.stack.as_deref())?;
    let (url, done) = seed::wait(make(&target, arguments))??;
    let tenant = &arguments.tenant;
    match done {
        Bootstrapped::Made { made, published } => {
            if arguments.json {
                let shown = &made.shown;
                let line = json!({"url": url, "tenant": tenant, "id": shown.id, "role": shown.role, "key": made.key, "policies_published": published});
                terminal::say(&line.to_string());
            } else {
                terminal::say(&made.key);
                terminal::complain(&explained(&url, tenant, published, &target));
            }
            Ok(())
        }
        Bootstrapped::Already(admin) => Err(Failure::Short(format!(
            "{tenant} has an admin's key: {} …{}, made {}; with it others are made over the API. \
             If it is lost, `--again` makes another, which can revoke it",
            admin.id, admin.hint, admin.created_at
        ))),
    }
}

async fn make(target: &Target, arguments: &Arguments) -> Result<(String, Bootstrapped), Failure> {
    let sdk = target.sdk().await;
    let found = readiness::find(&readiness::Control::new(&sdk), target.name()).await;
    let mend = "look at --stack, and at the region and the credentials of your AWS configuration";
    let stack = found.map_err(|error: PortError| Failure::Short(format!("{error}; {mend}")))?;
    let world = world_of(&sdk, &stack.settings());
    let (key, now) = (keys::fresh(), redress_aws::clock::now());
    let done = bootstrap::run(&world, &arguments.tenant, &key, arguments.again, now).await;
    let again = "nothing can have been seen of a key: run it again, with --again if it says that there is one";
    let done = done.map_err(|fault| Failure::Short(format!("{fault}; {again}")))?;
    Ok((stack.output("ApiUrl").unwrap_or_default().to_owned(), done))
}

/// What to do with it.
fn explained(url: &str, tenant: &TenantId, published: bool, target: &Target) -> String {
    let stack = match target {
        Target::Local(_) => String::new(),
        Target::Deployed(name) => format!(" --stack {name}"),
    };
    let policies = if published { "The shipped policies are published." } else { "Its policies are as they were." };
    format!(
        "
This is the key of an admin of {tenant}; it is shown this once, and kept nowhere. {policies}

Next, with it:
  POST {url}/v1/teams      a team, the fall-back
  POST {url}/v1/agents     who works in it
  POST {url}/v1/api-keys   keys for the shop's back end, for agents and supervisors
Then `redress doctor{stack}` says what is still missing."
    )
}

#[cfg(test)]
mod tests {
    use crate::{Cli, Command};
    use clap::Parser;

    fn parse(arguments: &[&str]) -> Result<super::Arguments, clap::Error> {
        let cli = Cli::try_parse_from(["redress", "bootstrap"].iter().chain(arguments))?;
        match cli.command {
            Command::Bootstrap(arguments) => Ok(arguments),
            _ => unreachable!("bootstrap was asked for"),
        }
    }

    #[test]
    fn it_is_always_said_whose_key_it_shall_be() {
        let arguments = parse(&["--stack", "prod", "--tenant", "tn_shop"]).unwrap();
        assert_eq!((arguments.tenant.as_str(), arguments.again), ("tn_shop", false));
        for wrong in [&[][..], &["--tenant", "shop"], &["--tenant", "tn_客服"], &["--tenant", ""]] {
            assert_eq!(parse(wrong).err().unwrap().exit_code(), 2, "{wrong:?}");
        }
    }
}
