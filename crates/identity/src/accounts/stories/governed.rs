//! What some may do about others.

use testkit::on_every_engine;
use types::{Caller, Error, Role};

use super::super::stage::{SCHEMA, Stage};

on_every_engine! { SCHEMA;
    async fn only_an_administrator_says_what_somebody_may_do(test) {
        let stage = Stage::new(&test.db);
        let (anna, boris) = (stage.sign_up("anna").await.unwrap(), stage.sign_up("boris").await.unwrap());
        let caller = stage.enter(&boris).await;
        for role in [Role::User, Role::Manager] {
            let caller = Caller { role, ..caller };
            for whom in [anna.id, boris.id] {
                let refused = stage.accounts.change_role(&caller, whom, Role::Admin).await;
                assert!(matches!(refused, Err(Error::Forbidden(_))), "{role:?}, also about themselves");
            }
        }
        assert_eq!(stage.accounts.find(boris.id).await.unwrap(), boris);

        let session = stage.enter(&anna).await.session;
        let admin = Caller { role: Role::Admin, ..caller };
        let raised = stage.accounts.change_role(&admin, anna.id, Role::Manager).await.unwrap();
        let kept = stage.accounts.find(anna.id).await.unwrap();
        assert_eq!((raised.role, kept.role, kept.version), (Role::Manager, Role::Manager, 2));
        assert_eq!(kept.generation, 2, "tokens that say what she might do before end");
        assert_eq!(stage.sessions_of(anna.id).await, [session], "and her session renews them");
        stage.accounts.change_role(&admin, anna.id, Role::Manager).await.unwrap();
        assert_eq!(stage.accounts.find(anna.id).await.unwrap(), kept, "twice is once");
    }

    async fn accounts_are_seen_by_their_owners_and_those_who_manage(test) {
        let stage = Stage::new(&test.db);
        let (anna, boris) = (stage.sign_up("anna").await.unwrap(), stage.sign_up("boris").await.unwrap());
        let caller = stage.enter(&boris).await;
        assert_eq!(stage.accounts.see(&caller, boris.id).await.unwrap(), boris);
        assert!(matches!(stage.accounts.see(&caller, anna.id).await, Err(Error::Forbidden(_))));
        let manager = Caller { role: Role::Manager, ..caller };
        assert_eq!(stage.accounts.see(&manager, anna.id).await.unwrap(), anna);
    }
}
