//! A local cloud that runs.

use crate::layout::Layout;
use crate::{LocalError, emulator, lock};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A running local cloud: where it answers and what it deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cloud {
    /// The API, without a trailing slash.
    pub url: String,
    /// Where AWS calls go.
    pub endpoint: String,
    /// The region to name in AWS calls.
    pub region: String,
    /// The stack's name.
    pub stack: String,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The emulator's process id.
    pub pid: u32,
    /// Where it keeps its data.
    pub state_dir: PathBuf,
    /// The fault proxy, which the functions take for AWS; `None` where there is none.
    #[serde(default)]
    pub faults_url: Option<String>,
    /// The stack's outputs, such as `TableName` and `BucketName`.
    pub outputs: BTreeMap<String, String>,
}

impl Cloud {
    /// The environment with which any AWS SDK speaks to this cloud as its administrator.
    #[must_use]
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ]
    }

    /// Writes it down, whole or not at all.
    pub(crate) fn save(&self, layout: &Layout) -> Result<(), LocalError> {
        let path = layout.cloud();
        let half = path.with_extension("part");
        let failed = |e| LocalError::io("write", path.display(), e);
        let text = serde_json::to_string_pretty(self).map_err(|e| failed(e.into()))?;
        fs::write(&half, text).and_then(|()| fs::rename(&half, &path)).map_err(failed)
    }
}

/// The cloud that runs on `state_dir` and answers, if one does.
#[must_use]
pub fn running(state_dir: &Path) -> Option<Cloud> {
    let layout = Layout::at(state_dir);
    let pid = lock::emulator_pid(&layout)?;
    let text = fs::read_to_string(layout.cloud()).ok()?;
    let cloud: Cloud = serde_json::from_str(&text).ok()?;
    (cloud.pid == pid.unsigned_abs() && emulator::answers(&cloud.endpoint)).then_some(cloud)
}
