//! Numbers, from counting to reading.

use std::{future, hint, thread};

use super::{window::SPAN, *};

fn answered(user: Option<i64>) -> Answered<'static> {
    let duration = Duration::from_micros(300);
    Answered { method: "GET", route: "/tasks/{id}", status: 200, user, duration }
}

fn requests(metrics: &Metrics, now: Instant) -> Requests {
    snapshot::add_up(&metrics.inner.lanes, metrics.second(now)).0
}

#[test]
fn rates_look_back_on_the_last_whole_seconds() {
    let began = Instant::now();
    let metrics = Metrics::started_at(began);
    for second in 0..30 {
        for (user, times) in [(Some(1), 6), (Some(2), 2), (None, 4)] {
            (0..times).for_each(|_| metrics.request_at(began + Duration::from_secs(second), answered(user)));
        }
    }
    let now = requests(&metrics, began + Duration::from_secs(30));
    assert_eq!(now.requests_total, 360);
    assert!((now.requests_per_second - 12.0).abs() < 1e-9);
    assert!((now.requests_per_second_per_user - 4.0).abs() < 1e-9);
    assert_eq!(now.active_users, 2);
    let busiest: Vec<_> =
        now.busiest_users.iter().map(|user| (user.user_id, user.requests_per_second)).collect();
    assert_eq!(busiest, [(1, 6.0), (2, 2.0)]);

    let quiet = requests(&metrics, began + Duration::from_secs(35));
    assert!((quiet.requests_per_second - 6.0).abs() < 1e-9);
    let silent = requests(&metrics, began + Duration::from_secs(31 + u64::from(SPAN)));
    assert!(silent.requests_per_second.abs() < 1e-9);
    assert_eq!(silent.active_users, 0);
    assert_eq!(silent.requests_total, 360);
}

#[test]
fn a_young_process_is_measured_over_its_own_life() {
    let began = Instant::now();
    let metrics = Metrics::started_at(began);
    (0..10).for_each(|_| metrics.request_at(began, answered(None)));
    assert!((requests(&metrics, began + Duration::from_secs(2)).requests_per_second - 5.0).abs() < 1e-9);
}

#[test]
fn threads_count_into_one_sum() {
    let metrics = Metrics::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..1_000).for_each(|_| metrics.request_at(Instant::now(), answered(Some(7)))));
        }
    });
    assert_eq!(requests(&metrics, Instant::now()).requests_total, 8_000);
}

#[test]
fn a_request_is_in_flight_until_its_guard_is_dropped() {
    let metrics = Metrics::new();
    let first = metrics.in_flight();
    let second = metrics.in_flight();
    assert_eq!(requests(&metrics, Instant::now()).requests_in_flight, 2);
    drop(first);
    thread::scope(|scope| scope.spawn(move || drop(second)).join().unwrap());
    assert_eq!(requests(&metrics, Instant::now()).requests_in_flight, 0);
}

#[tokio::test]
async fn the_text_has_every_number() {
    let metrics = Metrics::new();
    metrics.request(&Method::POST, "/tasks", 201, Some(17), Duration::from_micros(412));
    metrics.request(&Method::from_bytes(b"BREW").unwrap(), "/tasks", 405, None, Duration::from_micros(20));
    metrics.gauge("daybook_events", "Events.", Arc::new(|| Box::pin(future::ready(Some(9)))));
    metrics.gauge("daybook_unknown", "Not to be had now.", Arc::new(|| Box::pin(future::ready(None))));
    metrics.counter("daybook_facts_total", "Facts written.").inc_by(3);
    metrics.counter("daybook_facts_total", "Facts written.").inc();
    for (service, state) in [("tasks", 2), ("identity", 0)] {
        let read: Gauge = Arc::new(move || Box::pin(future::ready(Some(state))));
        metrics.gauge_of("daybook_breaker_state", &[("service", service)], "Whether it is asked.", read);
        let labels = [("service", service), ("outcome", "served")];
        metrics.counter_of("daybook_upstream_requests_total", &labels, "Requests sent on.").inc_by(5);
    }
    metrics.histogram("daybook_batch_rows", "Rows in a batch.", &[1.0, 10.0]).observe(7.0);
    let text = open_metrics(metrics.snapshot().await, "daybook", "1.2.3").unwrap();
    for line in [
        r#"daybook_build_info{service="daybook",version="1.2.3"} 1"#,
        r#"daybook_requests_total{method="POST",route="/tasks",status="201"} 1"#,
        r#"daybook_requests_total{method="OTHER",route="/tasks",status="405"} 1"#,
        r#"daybook_request_duration_seconds_bucket{le="0.0005",route="/tasks"} 2"#,
        r#"daybook_request_duration_seconds_count{route="/tasks"} 2"#,
        "daybook_requests_in_flight 0",
        "daybook_active_users 1",
        "daybook_events 9",
        "daybook_facts_total 4",
        r#"daybook_breaker_state{service="identity"} 0"#,
        r#"daybook_breaker_state{service="tasks"} 2"#,
        r#"daybook_upstream_requests_total{service="tasks",outcome="served"} 5"#,
        r#"daybook_batch_rows_bucket{le="10.0"} 1"#,
        "daybook_batch_rows_sum 7.0",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    for name in ["daybook_requests_per_second ", "daybook_rss_bytes ", "daybook_tokio_tasks "] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    assert!(!text.contains("daybook_unknown"));
    assert_eq!(text.matches("# TYPE daybook_breaker_state gauge").count(), 1);
}

#[tokio::test]
async fn the_json_has_the_same_numbers() {
    let metrics = Metrics::new();
    metrics.request(&Method::GET, "/tasks", 200, Some(17), Duration::from_millis(2));
    metrics.gauge("daybook_users", "Users.", Arc::new(|| Box::pin(future::ready(Some(3)))));
    let state: Gauge = Arc::new(|| Box::pin(future::ready(Some(2))));
    metrics.gauge_of("daybook_breaker_state", &[("service", "tasks")], "Whether it is asked.", state);
    let json = serde_json::to_value(metrics.snapshot().await).unwrap();
    assert_eq!(json["requests_total"], 1);
    assert_eq!(json["gauges"][r#"breaker_state{service="tasks"}"#], 2);
    assert_eq!(json["active_users"], 1);
    assert_eq!(json["gauges"]["users"], 3);
    assert_eq!(json["routes"][0]["requests"][0]["status"], 200);
    assert!(json["threads"].as_u64().unwrap() > 0);
}

#[test]
fn routes_are_bounded() {
    let metrics = Metrics::new();
    for n in 0..3_000 {
        let route = format!("/mistake/{n}");
        metrics.request_at(Instant::now(), Answered { route: &route, ..answered(None) });
    }
    let (requests, routes) = snapshot::add_up(&metrics.inner.lanes, FIRST_SECOND);
    assert!(routes.len() < 1_100, "{}", routes.len());
    assert_eq!(requests.requests_total, 3_000);
}

#[test]
#[ignore = "a measurement: counting should stay well under a microsecond on two threads"]
fn counting_costs_little() {
    const REQUESTS: u32 = 2_000_000;
    let metrics = Metrics::new();
    let began = Instant::now();
    thread::scope(|scope| {
        for thread in 0..2 {
            let metrics = &metrics;
            scope.spawn(move || {
                for n in 0..REQUESTS {
                    let _running = metrics.in_flight();
                    let user = i64::from(thread + n % 2_000);
                    metrics.request(
                        &Method::GET,
                        "/api/v1/tasks/{id}",
                        200,
                        Some(user),
                        Duration::from_micros(40),
                    );
                    hint::black_box(n);
                }
            });
        }
    });
    println!("{:?} a request", began.elapsed() / REQUESTS);
}
