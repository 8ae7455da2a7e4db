use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::{DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp as Moment};
use types::{Language, Timestamp};

use super::*;

fn schedule(cron: &str, zone: &str) -> Schedule {
    Schedule::new(Cron::parse(cron).unwrap(), Zone::named(zone).unwrap())
}

fn at(text: &str) -> Timestamp {
    moment(text.parse::<jiff::Zoned>().unwrap().timestamp())
}

/// The times on that day, as the wall and its offset show them.
fn day_of(schedule: &Schedule, day: &str) -> Vec<String> {
    let (from, zone) = (at(&format!("{day}T00:00[{}]", schedule.zone.name())), &schedule.zone.0);
    let shown = |at: Timestamp| Moment::from_microsecond(at.micros()).unwrap().to_zoned(zone.clone());
    ticks(schedule, from.minus(Duration::from_secs(1)))
        .map(shown)
        .take_while(|at| at.date().to_string() == day)
        .map(|at| at.strftime("%H:%M%:z").to_string())
        .collect()
}

fn ticks(schedule: &Schedule, after: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(schedule.next_after(after), |at| schedule.next_after(*at))
}

fn days(cron: &str, from: &str, count: usize) -> Vec<String> {
    let schedule = schedule(cron, "UTC");
    let ticks = ticks(&schedule, at(&format!("{from}T00:00[UTC]"))).take(count);
    ticks.map(|at| at.plain()[..16].to_owned()).collect()
}

#[test]
fn fields_have_numbers_names_lists_ranges_and_steps() {
    for (cron, next) in [
        ("*/5 9-17 * * mon-fri", ["2027-01-01 09:00", "2027-01-01 09:05"]),
        ("30 8 * jan,JUL 1", ["2027-01-04 08:30", "2027-01-11 08:30"]),
        ("0 0 * * 7", ["2027-01-03 00:00", "2027-01-10 00:00"]),
        ("0 0 * * sat-sun", ["2027-01-02 00:00", "2027-01-03 00:00"]),
        ("0 0 * * 5-7/2", ["2027-01-03 00:00", "2027-01-08 00:00"]),
        ("50/5 23 * * *", ["2027-01-01 23:50", "2027-01-01 23:55"]),
        ("0 12 L * *", ["2027-01-31 12:00", "2027-02-28 12:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("59 23 31 12 *", ["2027-12-31 23:59", "2028-12-31 23:59"]),
        ("1-10/4,3 0 * * *", ["2027-01-01 00:01", "2027-01-01 00:03"]),
        ("@hourly", ["2027-01-01 01:00", "2027-01-01 02:00"]),
        ("@daily", ["2027-01-02 00:00", "2027-01-03 00:00"]),
        ("@weekly", ["2027-01-03 00:00", "2027-01-10 00:00"]),
        ("@monthly", ["2027-02-01 00:00", "2027-03-01 00:00"]),
        (" @Yearly ", ["2028-01-01 00:00", "2029-01-01 00:00"]),
    ] {
        assert_eq!(days(cron, "2027-01-01", 2), next, "{cron}");
    }
}

#[test]
fn a_day_and_a_weekday_together_mean_either() {
    let either = ["2027-08-13 00:00", "2027-08-15 00:00", "2027-08-20 00:00"];
    assert_eq!(days("0 0 15 * fri", "2027-08-10", 3), either);
    // A field that begins with `*` asks for nothing: only Fridays with odd numbers are left.
    let both = ["2027-08-13 00:00", "2027-08-27 00:00", "2027-09-03 00:00"];
    assert_eq!(days("0 0 */2 * fri", "2027-08-10", 3), both);
    // Leap days that are a Sunday or a Saturday.
    assert_eq!(days("0 0 29 2 */6", "2027-01-01", 2), ["2032-02-29 00:00", "2048-02-29 00:00"]);
}

#[test]
fn six_fields_begin_with_seconds() {
    let schedule = schedule("*/20 59 23 31 12 *", "UTC");
    let from = at("2027-12-31T23:59:20[UTC]");
    let next: Vec<String> = ticks(&schedule, from).take(2).map(|at| at.to_string()).collect();
    assert_eq!(next, ["2027-12-31T23:59:40.000000Z", "2028-12-31T23:59:00.000000Z"]);
    let within = from.plus(Duration::from_micros(1));
    assert_eq!(schedule.next_after(within), schedule.next_after(from), "later than a part of a second");
}

#[test]
fn what_is_wrong_is_told_of_the_field_it_is_in() {
    for (cron, code, item) in [
        ("60 * * * *", "bad_schedule_minute", "60"),
        ("a * * * *", "bad_schedule_minute", "a"),
        ("*/0 * * * *", "bad_schedule_minute", "*/0"),
        ("*/90 * * * *", "bad_schedule_minute", "*/90"),
        ("+5 * * * *", "bad_schedule_minute", "+5"),
        ("5, * * * *", "bad_schedule_minute", ""),
        ("30-10 * * * *", "bad_schedule_minute", "30-10"),
        ("* 24 * * *", "bad_schedule_hour", "24"),
        ("* 9-25 * * *", "bad_schedule_hour", "9-25"),
        ("* L * * *", "bad_schedule_hour", "l"),
        ("* * 0 * *", "bad_schedule_day", "0"),
        ("* * 32 * *", "bad_schedule_day", "32"),
        ("* * * 13 *", "bad_schedule_month", "13"),
        ("* * * mon *", "bad_schedule_month", "mon"),
        ("* * * * 8", "bad_schedule_weekday", "8"),
        ("* * * * monday", "bad_schedule_weekday", "monday"),
        ("* * * * fri-mon", "bad_schedule_weekday", "fri-mon"),
        ("61 * * * * *", "bad_schedule_second", "61"),
        ("9999999999 * * * *", "bad_schedule_minute", "9999999999"),
    ] {
        let error = Cron::parse(cron).unwrap_err();
        assert_eq!((error.text.code, error.args[0].as_str()), (code, item), "{cron}");
        for language in [Language::En, Language::Uk, Language::Ru] {
            assert!(error.get(language).contains(item));
        }
    }
    for shapeless in ["", "* * * *", "* * * * * * *", "@reboot", "@daily 5", &"*".repeat(1 << 16)] {
        assert_eq!(Cron::parse(shapeless).unwrap_err().text.code, "bad_schedule", "{shapeless:.20}");
    }
    for never in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
        assert_eq!(Cron::parse(never).unwrap_err().text.code, "schedule_never_due", "{never}");
    }
    for nowhere in ["", "Kyiv", "EET-2", "../../etc/passwd", "Etc/Unknown"] {
        assert_eq!(Zone::named(nowhere).unwrap_err().text.code, "unknown_timezone", "{nowhere}");
    }
    assert_eq!(Zone::named("europe/kyiv").unwrap().name(), "Europe/Kyiv");
}

/// In 2027 the clocks of Kyiv go from 03:00 to 04:00 on 28 March and from 04:00 to 03:00 on 31 October.
#[test]
fn a_fixed_time_that_is_left_out_is_due_where_the_clock_lands_and_one_that_comes_twice_once() {
    for (cron, zone, day, expected) in [
        ("30 3 * * *", "Europe/Kyiv", "2027-03-28", vec!["04:00+03:00"]),
        ("0 3 * * *", "Europe/Kyiv", "2027-03-28", vec!["04:00+03:00"]),
        ("0 4 * * *", "Europe/Kyiv", "2027-03-28", vec!["04:00+03:00"]),
        ("0,15,30 3 * * *", "Europe/Kyiv", "2027-03-28", vec!["04:00+03:00"]),
        ("30 2,3,4 * * *", "Europe/Kyiv", "2027-03-28", vec!["02:30+02:00", "04:00+03:00", "04:30+03:00"]),
        ("30 3 * * *", "Europe/Kyiv", "2027-10-31", vec!["03:30+03:00"]),
        ("0 4 * * *", "Europe/Kyiv", "2027-10-31", vec!["04:00+02:00"]),
        ("59 2-4 * * *", "Europe/Kyiv", "2027-10-31", vec!["02:59+03:00", "03:59+03:00", "04:59+02:00"]),
        ("30 2 * * *", "America/New_York", "2027-03-14", vec!["03:00-04:00"]),
        ("30 1 * * *", "America/New_York", "2027-11-07", vec!["01:30-04:00"]),
        // Half an hour, at 02:00.
        ("15 2 * * *", "Australia/Lord_Howe", "2027-10-03", vec!["02:30+11:00"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2027-04-04", vec!["01:45+11:00"]),
        ("15 1 * * *", "Australia/Lord_Howe", "2027-04-04", vec!["01:15+11:00"]),
    ] {
        assert_eq!(day_of(&schedule(cron, zone), day), expected, "{cron} in {zone} on {day}");
    }
}

#[test]
fn a_day_that_a_zone_left_out_is_made_up_for_at_its_end() {
    let schedule = schedule("0 12 30 12 *", "Pacific/Apia");
    assert_eq!(day_of(&schedule, "2011-12-31"), ["00:00+14:00"]);
}

#[test]
fn what_repeats_goes_by_what_passes() {
    let minutes = |cron: &str, zone: &str, from: &str, count: usize| -> Vec<u64> {
        let found: Vec<_> = ticks(&schedule(cron, zone), at(from)).take(count + 1).collect();
        found.windows(2).map(|two| two[1].since(two[0]).as_secs() / 60).collect()
    };
    for (cron, each) in [("*/5 * * * *", 5), ("*/30 * * * *", 30), ("0 * * * *", 60), ("7,37 * * * *", 30)] {
        for (zone, from) in [
            ("Europe/Kyiv", "2027-03-27T20:00[Europe/Kyiv]"),
            ("Europe/Kyiv", "2027-10-30T20:00[Europe/Kyiv]"),
            ("America/New_York", "2027-03-13T20:00[America/New_York]"),
            ("America/New_York", "2027-11-06T20:00[America/New_York]"),
        ] {
            let count = 24 * 60 / each;
            assert_eq!(minutes(cron, zone, from, count), vec![each as u64; count], "{cron} in {zone}");
        }
    }
    for from in ["2027-10-02T20:00[Australia/Lord_Howe]", "2027-04-03T20:00[Australia/Lord_Howe]"] {
        assert_eq!(minutes("*/5 * * * *", "Australia/Lord_Howe", from, 288), [5; 288]);
        assert_eq!(minutes("*/30 * * * *", "Australia/Lord_Howe", from, 48), [30; 48]);
    }
    // The hour of 02:00 is left out, but nobody waits longer than an hour for it.
    let lord_howe = day_of(&schedule("0 * * * *", "Australia/Lord_Howe"), "2027-10-03");
    assert_eq!(lord_howe[..4], ["00:00+10:30", "01:00+10:30", "02:30+11:00", "03:00+11:00"]);
    let every_other = day_of(&schedule("30 */2 * * *", "America/New_York"), "2027-03-14");
    assert_eq!(every_other[..3], ["00:30-05:00", "03:00-04:00", "04:30-04:00"]);
    assert_eq!(day_of(&schedule("*/10 3 * * *", "Europe/Kyiv"), "2027-03-28"), ["04:00+03:00"]);
    let twice = day_of(&schedule("*/30 3 * * *", "Europe/Kyiv"), "2027-10-31");
    assert_eq!(twice, ["03:00+03:00", "03:30+03:00", "03:00+02:00", "03:30+02:00"]);
}

const ZONES: [&str; 5] =
    ["UTC", "Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"];

/// Every minute that a wall may show in 2027.
fn every_minute() -> impl Iterator<Item = DateTime> {
    let days = (0..365).map(|day| date(2027, 1, 1) + Span::new().days(day));
    let minutes = |hour| (0..60).map(move |minute| (hour, minute));
    days.flat_map(move |day| (0..24).flat_map(minutes).map(move |(hour, minute)| day.at(hour, minute, 0, 0)))
}

/// All of a year's times, one after the other.
fn a_year(cron: &str, zone: &str) -> Vec<Moment> {
    let (schedule, start) = (schedule(cron, zone), date(2027, 1, 1).at(0, 0, 0, 0));
    let zone = &schedule.zone.0;
    let start = zone.to_timestamp(start).unwrap();
    let end = zone.to_timestamp(date(2028, 1, 1).at(0, 0, 0, 0)).unwrap();
    let found: Vec<_> = ticks(&schedule, moment(start).minus(Duration::from_secs(1)))
        .map(|at| Moment::from_microsecond(at.micros()).unwrap())
        .take_while(|at| *at < end)
        .collect();
    assert!(found.windows(2).all(|two| two[0] < two[1]), "{cron}: each is later than the one before");
    found
}

#[test]
fn a_year_of_fixed_times_is_every_minute_of_the_calendar_looked_at_one_by_one() {
    type Rule = fn(DateTime) -> bool;
    let rules: [(&str, Rule); 4] = [
        ("0,30 1,2,3 * * *", |t| t.minute() % 30 == 0 && (1..=3).contains(&t.hour())),
        ("17 0-23 * * *", |t| t.minute() == 17),
        ("5 2 1,15 * sun", |t| {
            (t.hour(), t.minute()) == (2, 5)
                && ([1, 15].contains(&t.day()) || t.weekday().to_sunday_zero_offset() == 0)
        }),
        ("59 23 L 3,10 *", |t| {
            (t.hour(), t.minute()) == (23, 59) && [3, 10].contains(&t.month()) && t.day() == 31
        }),
    ];
    for (cron, is_due) in rules {
        let walls: Vec<DateTime> = every_minute().filter(|wall| is_due(*wall)).collect();
        for name in ZONES {
            let zone = TimeZone::get(name).unwrap();
            let expected: BTreeSet<Moment> = walls
                .iter()
                .map(|&wall| match zone.to_ambiguous_timestamp(wall).offset() {
                    AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).unwrap(),
                    AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall).unwrap(),
                    AmbiguousOffset::Gap { after, .. } => {
                        let inside = after.to_timestamp(wall).unwrap();
                        zone.following(inside).next().unwrap().timestamp()
                    }
                })
                .collect();
            assert_eq!(a_year(cron, name), Vec::from_iter(expected), "{cron} in {name}");
        }
    }
}

#[test]
fn a_year_of_repeated_times_is_every_minute_that_passes_looked_at_one_by_one() {
    type Rule = fn(DateTime) -> bool;
    let rules: [(&str, Rule); 3] = [
        ("*/15 * * * *", |t| t.minute() % 15 == 0),
        ("*/7 * * * mon-fri", |t| {
            t.minute() % 7 == 0 && (1..=5).contains(&t.weekday().to_sunday_zero_offset())
        }),
        ("*/20 9-17 1-7 * *", |t| {
            t.minute() % 20 == 0 && (9..=17).contains(&t.hour()) && (1..=7).contains(&t.day())
        }),
    ];
    for name in ZONES {
        let zone = TimeZone::get(name).unwrap();
        let start = zone.to_timestamp(date(2027, 1, 1).at(0, 0, 0, 0)).unwrap();
        let minutes = (0..).map(|n| Moment::from_second(start.as_second() + 60 * n).unwrap());
        let minutes = minutes.map(|at| (at, zone.to_datetime(at)));
        let minutes: Vec<_> = minutes.take_while(|(_, wall)| wall.year() < 2028).collect();
        for (cron, is_due) in rules {
            let due = minutes.iter().filter(|(_, wall)| is_due(*wall));
            let expected: Vec<Moment> = due.map(|(at, _)| *at).collect();
            assert_eq!(a_year(cron, name), expected, "{cron} in {name}");
        }
    }
}

#[test]
fn nothing_is_due_beyond_the_calendar() {
    let schedule = schedule("0 0 1 1 *", "Europe/Kyiv");
    assert_eq!(schedule.next_after(Timestamp::from_micros(i64::MAX)), None);
    assert_eq!(schedule.next_after(at("9999-06-01T00:00[UTC]")), None);
    assert!(schedule.next_after(Timestamp::from_micros(0)).is_some());
}

#[test]
fn what_was_missed_is_let_go_stands_for_all_or_is_made_up_for() {
    let schedule = schedule("0 * * * *", "UTC");
    let hour = |h: &str| at(&format!("2027-05-04T{h}[UTC]"));
    let (last, now, next) = (hour("08:00"), hour("11:30"), Some(hour("12:00")));
    let due = |missed| schedule.due(missed, last, now);
    assert_eq!(due(Missed::Skip), Due { now: vec![], passed_over: 3, next });
    assert_eq!(due(Missed::Once), Due { now: vec![hour("11:00")], passed_over: 2, next });
    let all = vec![hour("09:00"), hour("10:00"), hour("11:00")];
    assert_eq!(due(Missed::All), Due { now: all, passed_over: 0, next });
    for missed in Missed::ALL {
        assert_eq!(Missed::named(missed.name()), Some(missed));
        // On time, or nearly.
        let on_time = schedule.due(missed, last, hour("09:00:30"));
        assert_eq!(on_time, Due { now: vec![hour("09:00")], passed_over: 0, next: Some(hour("10:00")) });
        let nothing = schedule.due(missed, last, hour("08:59:59"));
        assert_eq!(nothing, Due { now: vec![], passed_over: 0, next: Some(hour("09:00")) });
        // The clock was put back: what was seen to is not due again.
        let back = schedule.due(missed, last, hour("05:30"));
        assert_eq!(back, Due { now: vec![], passed_over: 0, next: Some(hour("09:00")) });
    }
}

#[test]
fn what_was_missed_for_years_is_bounded() {
    let (last, now) = (at("2020-01-01T00:00[UTC]"), at("2027-05-04T10:20:30.5[UTC]"));
    let seconds = schedule("* * * * * *", "Europe/Kyiv");
    let due = seconds.due(Missed::All, last, now);
    assert_eq!((due.now.len(), due.passed_over), (1_000, 10_000));
    assert_eq!(due.now[999], at("2027-05-04T10:20:30[UTC]"));
    assert_eq!(due.now[999].since(due.now[0]), Duration::from_secs(999));
    let rare = schedule("0 */8 * 2 *", "Europe/Kyiv");
    let due = rare.due(Missed::All, last, now);
    assert_eq!((due.now.len(), due.passed_over), ((28 * 8 + 2) * 3, 0));
    let many = schedule("0 * * 2 *", "America/New_York");
    let (all, due) =
        (many.due(Missed::All, at("2026-01-01T00:00[UTC]"), now), many.due(Missed::All, last, now));
    assert_eq!((all.now.len(), all.passed_over), (1_000, 2 * 28 * 24 - 1_000));
    assert_eq!((due.now.len(), due.passed_over), (1_000, (28 * 8 + 2) * 24 - 1_000));
    assert_eq!(due.now, all.now);
}
