//! The program on a server's database.

use serde_json::json;
use testkit::TestDb;

use super::process::Folder;

on_every_server! {
    async fn data_outlives_the_program_and_its_folder(engine) {
        let test = TestDb::empty(engine).await;
        let env = [("DAYBOOK_DATABASE_URL", test.url.as_str())];
        let (first, second) = (Folder::new(), Folder::new());
        first.run(&env, &["migrate"]).works();
        let serving = first.serve_with(&env);
        let task = serving.user("anna").await.post("/api/v1/tasks", json!({"title": "Milk"})).await.is(201);
        serving.stop();
        let serving = second.serve_with(&env);
        let anna = serving.login("anna").await;
        assert_eq!(anna.get(&format!("/api/v1/tasks/{}", task["id"])).await.is(200), task);
        serving.stop();
    }
}
