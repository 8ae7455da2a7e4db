//! Rows as RFC 4180 has them.

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Adds a row. A cell that a spreadsheet would calculate has a `'` before it, so that it is shown as it was written.
pub fn row(out: &mut String, cells: &[impl AsRef<str>]) {
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        if at > 0 {
            out.push(',');
        }
        let mark = if cell.starts_with(FORMULA) { "'" } else { "" };
        if cell.contains([',', '"', '\r', '\n']) {
            out.extend(["\"", mark, &cell.replace('"', "\"\""), "\""]);
        } else {
            out.extend([mark, cell]);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(cells: &[&str]) -> String {
        let mut out = String::new();
        row(&mut out, cells);
        out
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(written(&["1", "Milk", "", "ї"]), "1,Milk,,ї\r\n");
        assert_eq!(
            written(&["a,b", "say \"hi\"", "two\nlines", "\r"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"'\r\"\r\n"
        );
    }

    #[test]
    fn nothing_is_calculated() {
        let cells = ["=1+1", "+1", "-1", "@a", "\tx", "=a,b", "a=b", "'"];
        assert_eq!(written(&cells), "'=1+1,'+1,'-1,'@a,'\tx,\"'=a,b\",a=b,'\r\n");
    }
}
