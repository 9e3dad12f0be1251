//! `redress model`: a shop's own model, published or withdrawn.

use crate::{Failure, keys, lines, seed, state_dir, terminal};
use redress_aws::config::{Settings, sdk, world_of};
use redress_domain::id::TenantId;
use redress_service::Moment;
use redress_service::fault::Fault;
use redress_service::models;
use redress_service::ports::World;
use serde_json::json;
use std::path::PathBuf;

/// What `model` is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Model,
}

#[derive(clap::Subcommand)]
enum Model {
    /// Let it read the shop's feedback from now on, unless it reads the labelled rows that were held
    /// back from training worse than the model in force.
    #[command(
        after_help = "Example:\n  redress model publish own.model\n  redress model publish own.model --tenant tn_shop --table redress-Table-1 --bucket redress-bucket-1"
    )]
    Publish {
        /// What `redress train` wrote.
        file: PathBuf,
        #[command(flatten)]
        stack: Stack,
    },
    /// Let the shipped model read again.
    #[command(after_help = "Example:\n  redress model withdraw")]
    Withdraw {
        #[command(flatten)]
        stack: Stack,
    },
}

/// Whose, and where; the local cloud's shop if nothing is said.
#[derive(clap::Args)]
struct Stack {
    /// The tenant.
    #[arg(long, value_name = "tn_…")]
    tenant: Option<String>,
    /// The table of a deployed stack: its output TableName. Reached by the usual AWS configuration.
    #[arg(long, requires = "bucket")]
    table: Option<String>,
    /// The bucket of a deployed stack: its output BucketName.
    #[arg(long, requires = "table")]
    bucket: Option<String>,
}

impl Stack {
    fn tenant(&self) -> Result<TenantId, Failure> {
        let Some(tenant) = &self.tenant else { return Ok(keys::tenant()) };
        TenantId::parse(tenant).ok_or_else(|| Failure::Usage(format!("{tenant} is no tenant; write tn_…")))
    }

    async fn world(&self) -> Result<World, Failure> {
        if self.table.is_none() {
            let stopped = || Failure::Usage("nothing runs here; give --table and --bucket, or `redress up`".to_owned());
            return Ok(seed::world(&redress_local::running(&state_dir()?).ok_or_else(stopped)?).await);
        }
        let settings = Settings::deployed(|name| match name {
            "TableName" => self.table.clone(),
            "BucketName" => self.bucket.clone(),
            _ => None,
        });
        Ok(world_of(&sdk().await, &settings))
    }
}

/// Runs it. Exit 1 if it is refused.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Model::Publish { file, stack } => publish(file, stack),
        Model::Withdraw { stack } => {
            let tenant = stack.tenant()?;
            let withdrawn =
                seed::wait(async { Ok::<_, Failure>(models::withdraw(&stack.world().await?, &tenant).await?) })??;
            let said =
                if withdrawn { "withdrawn: the shipped model reads again" } else { "the shipped model reads already" };
            terminal::say(said);
            Ok(())
        }
    }
}

fn publish(file: &PathBuf, stack: &Stack) -> Result<(), Failure> {
    let bytes = std::fs::read(file).map_err(|error| lines::unreadable(Some(file), &error))?;
    let (tenant, moment) =
        (stack.tenant()?, Moment { now: redress_aws::clock::now(), nonce: redress_aws::clock::nonce() });
    let published =
        seed::wait(async { Ok::<_, Failure>(models::publish(&stack.world().await?, &tenant, &bytes, moment).await) })??;
    match published {
        Ok(compared) => {
            terminal::say(&json!(compared).to_string());
            Ok(())
        }
        Err(Fault::Invalid(flaws)) => {
            let why: Vec<_> = flaws.into_iter().map(|flaw| flaw.detail).collect();
            Err(Failure::Short(format!("not published: {}", why.join("; "))))
        }
        Err(fault) => Err(fault.into()),
    }
}
