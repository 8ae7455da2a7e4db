//! Exact decimals on an engine that has none: 20 digits, a point, 18 digits, as text whose order is the number's.
//!
//! A positive number is `p` and its digits; a negative one is `n` and the nines' complement of its digits, so that a
//! larger debt sorts before a smaller one. Every value has the same length, and so text order is number order.

use rust_decimal::Decimal;

/// Digits before and behind the point of `numeric(38,18)`.
const WHOLE: usize = 20;
const PARTS: usize = 18;

/// Whether the number fits `numeric(38,18)` to the last digit.
pub fn fits(value: Decimal) -> bool {
    let value = value.normalize();
    value.scale() as usize <= PARTS && value.trunc().abs().to_string().len() <= WHOLE
}

/// The sortable text of a number that [`fits`].
pub fn to_text(value: Decimal) -> String {
    let value = value.normalize();
    let plain = value.abs().to_string();
    let (whole, parts) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = format!("{whole:0>WHOLE$}.{parts:0<PARTS$}");
    if value.is_sign_negative() && !value.is_zero() {
        format!("n{}", complement(&digits))
    } else {
        format!("p{digits}")
    }
}

/// The number behind a sortable text.
pub fn from_text(text: &str) -> Option<Decimal> {
    let value = |digits: &str| digits.parse::<Decimal>().ok().map(|d| d.normalize());
    match text.split_at_checked(1)? {
        ("p", digits) => value(digits),
        ("n", digits) => value(&complement(digits)).map(|d| -d),
        _ => None,
    }
}

fn complement(digits: &str) -> String {
    digits.chars().map(|c| c.to_digit(10).and_then(|d| char::from_digit(9 - d, 10)).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn text_order_is_number_order_and_the_way_back_is_exact() {
        let ordered = [
            "-99999999999999999999",
            "-1234567890.123456789012345678",
            "-1.5",
            "-1.49",
            "-1",
            "-0.000000000000000001",
            "0",
            "0.000000000000000001",
            "0.1",
            "1",
            "1.000000000000000001",
            "9.99",
            "10",
            "9999999999.999999999999999999",
        ];
        let texts: Vec<String> = ordered.iter().map(|t| to_text(decimal(t))).collect();
        assert!(texts.windows(2).all(|w| w[0] < w[1]), "{texts:#?}");
        for (text, number) in texts.iter().zip(ordered) {
            assert_eq!(from_text(text), Some(decimal(number)));
        }
    }

    #[test]
    fn what_would_be_cut_does_not_fit() {
        assert!(fits(decimal("1234567890.123456789012345678")));
        assert!(fits(decimal("1.1000000000000000000000")));
        assert!(!fits(decimal("0.0000000000000000001")));
        assert!(!fits(decimal("123456789012345678901")));
    }
}
