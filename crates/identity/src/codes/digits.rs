//! The six digits of a code.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::CodeId;
use crate::keyed::keyed;

/// As many codes as six digits can write.
const ALL: u64 = 1_000_000;
/// How many digits a code has.
const LENGTH: usize = 6;

/// Makes the digits of codes. Cheap to clone.
#[derive(Clone)]
pub struct Digits(Hmac<Sha256>);

impl Digits {
    /// With this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(keyed(key))
    }

    /// The digits of this code, always the same. Of 2⁶⁴ numbers the rest after a million favours none by more than one
    /// part in 10¹³.
    pub fn of(&self, code: CodeId) -> String {
        let mut mac = self.0.clone();
        mac.update(b"code");
        mac.update(&code.number().to_be_bytes());
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        let number = bytes[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % ALL)
    }
}

/// What somebody typed, if it can be a code: spaces and dashes between the digits are the letter's or theirs.
pub fn typed(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(LENGTH + 1).collect();
    (digits.len() == LENGTH && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Whether two codes are the same, in a time that does not tell how far they are.
pub fn same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    one.len() == other.len() && pairs.fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_always_the_same_six_digits_and_another_key_makes_others() {
        let (ours, others) = (Digits::new(&[1; 32]), Digits::new(&[2; 32]));
        let differ = (1..=1_000).map(CodeId::trusted).filter(|id| {
            let code = ours.of(*id);
            assert_eq!(typed(&code).as_deref(), Some(&*code));
            assert!(same(&code, &ours.of(*id)));
            !same(&code, &others.of(*id))
        });
        assert!(differ.count() >= 998);
    }

    #[test]
    fn no_digit_is_likelier_than_another_at_any_place() {
        let digits = Digits::new(&[7; 32]);
        let mut seen = [[0_i32; 10]; LENGTH];
        for id in 1..=20_000 {
            for (place, digit) in digits.of(CodeId::trusted(id)).bytes().enumerate() {
                seen[place][usize::from(digit - b'0')] += 1;
            }
        }
        // 2,000 are expected; six standard deviations are about 255.
        assert!(seen.iter().flatten().all(|count| (count - 2_000).abs() < 255), "{seen:?}");
    }

    #[test]
    fn a_code_may_be_typed_with_spaces_and_dashes_and_nothing_else() {
        for good in ["123456", " 123 456 ", "123-456", "12 34 56\n"] {
            assert_eq!(typed(good).as_deref(), Some("123456"), "{good:?}");
        }
        for bad in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "123456; drop", &"1".repeat(100_000)] {
            assert_eq!(typed(bad), None, "{bad:?}");
        }
    }
}
