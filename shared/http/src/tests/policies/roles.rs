//! Who may do what with what everybody's promises rest on.

use super::super::{ROLES, Shop};
use redress_service::auth::Role::{self, Admin, Agent, Auditor, Supervisor};

const EVERY_NEW_ROUTE: [(&str, &str, &[Role]); 15] = [
    ("GET", "/v1/calendars", &[Supervisor, Admin, Auditor]),
    ("POST", "/v1/calendars", &[Admin]),
    ("GET", "/v1/calendars/none", &[Supervisor, Admin, Auditor]),
    ("PUT", "/v1/calendars/none", &[Admin]),
    ("DELETE", "/v1/calendars/none", &[Admin]),
    ("POST", "/v1/calendars/preview", &[Supervisor, Admin, Auditor]),
    ("GET", "/v1/sla-policies", &[Supervisor, Admin, Auditor]),
    ("POST", "/v1/sla-policies", &[Admin]),
    ("GET", "/v1/sla-policies/none", &[Supervisor, Admin, Auditor]),
    ("PUT", "/v1/sla-policies/none", &[Admin]),
    ("DELETE", "/v1/sla-policies/none", &[Admin]),
    ("POST", "/v1/sla-policies/preview", &[Supervisor, Admin, Auditor]),
    ("PATCH", "/v1/work-orders/wo_none", &[Agent, Supervisor, Admin]),
    ("POST", "/v1/work-orders/wo_none/sla/reapply", &[Supervisor, Admin]),
    ("POST", "/v1/work-orders/wo_none/sla/annulments", &[Supervisor, Admin]),
];

#[tokio::test]
async fn a_role_opens_the_routes_that_it_is_for_and_no_other() {
    let shop = Shop::open().await;
    for (method, path, roles) in EVERY_NEW_ROUTE {
        for role in ROLES {
            let answer = shop.by(role, method, path).text("{}").await;
            assert_eq!(answer.status != 403, roles.contains(&role), "{method} {path} {role:?} {answer:?}");
            assert!(!matches!(answer.status, 401 | 405 | 500..), "{method} {path} {role:?} {answer:?}");
            if answer.status == 403 {
                assert_eq!(answer.code(), "forbidden");
            }
        }
        assert_eq!(shop.ask(method, path).text("{}").await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn an_auditor_changes_nothing_and_an_integrator_sees_nothing() {
    for (method, path, roles) in EVERY_NEW_ROUTE {
        let asks = method == "GET" || path.ends_with("/preview");
        assert_eq!(roles.contains(&Auditor), asks, "{method} {path}");
        assert!(!roles.contains(&Role::Integrator), "{method} {path}");
    }
}

#[tokio::test]
async fn each_address_names_its_methods() {
    let shop = Shop::open().await;
    for (path, allow) in [
        ("/v1/calendars", "GET, HEAD, POST, OPTIONS"),
        ("/v1/sla-policies/none", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/v1/sla-policies/preview", "POST, OPTIONS"),
        ("/v1/work-orders/wo_none", "GET, HEAD, PATCH, OPTIONS"),
    ] {
        for (method, status) in [("OPTIONS", 204), ("TRACE", 405)] {
            let answer = shop.admin(method, path).await;
            let mut named: Vec<_> = answer.header("allow").split(", ").collect();
            let mut expected: Vec<_> = allow.split(", ").collect();
            named.sort_unstable();
            expected.sort_unstable();
            assert_eq!((answer.status, named), (status, expected), "{method} {path}");
        }
    }
}
