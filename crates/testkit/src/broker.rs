//! A real broker that a test has to itself, to be killed.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/services");

/// A broker that is taken down with its data when it is dropped.
pub struct Broker {
    /// `kafka://HOST:PORT`, the same for as long as it lives.
    pub url: String,
    folder: tempfile::TempDir,
}

impl Broker {
    /// Starts one and waits for its answer.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Its account has to get through.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
        let mut broker = Self { url: String::new(), folder };
        let told = broker.ask(&["up", "kafka"]).await;
        let url = told.lines().find_map(|line| line.strip_prefix("DAYBOOK_TEST_KAFKA="));
        url.expect("the script says where it is").clone_into(&mut broker.url);
        broker
    }

    /// SIGKILL.
    pub async fn kill(&self) {
        self.ask(&["kill", "kafka"]).await;
    }

    /// Starts it again, with what it has kept.
    pub async fn start_again(&self) {
        self.ask(&["up", "kafka"]).await;
    }

    /// Runs the script, while the test goes on with whatever else it does.
    async fn ask(&self, words: &[&str]) -> String {
        let mut script = Command::new(SCRIPT);
        script.args(words).env("SERVICES_DIR", self.folder.path().join("services"));
        let mut child = script.stdout(Stdio::piped()).spawn().expect("the script starts");
        while child.try_wait().expect("the script runs").is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let done = child.wait_with_output().expect("the script has ended");
        assert!(done.status.success(), "scripts/services {}: {}", words.join(" "), done.status);
        String::from_utf8(done.stdout).expect("it writes text")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let services = self.folder.path().join("services");
        let down = Command::new(SCRIPT).args(["down", "--wipe"]).env("SERVICES_DIR", &services).status();
        assert!(
            down.is_ok_and(|status| status.success()),
            "the broker in {} is still there",
            services.display()
        );
    }
}
