//! Messages that are written by hand beside their `.proto`: what the file says of them, and what goes out.

/// The fields of a message as the file has them, without their blanks.
pub fn promised<'p>(file: &'p str, message: &str) -> Vec<&'p str> {
    let (_, fields) = file.split_once(&format!("message {message} {{")).expect("the message is in the file");
    let fields = fields.split_once('}').expect("it ends").0.lines().map(str::trim);
    fields.filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

/// Each field of an encoded message: its key, and the number or the bytes behind it; all spelt in one byte.
pub fn sent(bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let (mut rest, mut fields) = (bytes, Vec::new());
    while let [key, value, more @ ..] = rest {
        let long = if key & 7 == 2 { usize::from(*value) } else { 0 };
        assert!(matches!(key & 7, 0 | 2) && *value < 128, "{bytes:?}");
        let (own, next) = more.split_at(long);
        fields.push((u32::from(key >> 3), if key & 7 == 2 { own.to_vec() } else { vec![*value] }));
        rest = next;
    }
    fields
}
