//! The one form that the spellings of a telephone number, or of an address, share.

/// As many digits as a telephone number has.
///
/// # Source
/// ITU-T E.164 (11/2010), section 6: 15 at most. Seven are a local number; fewer are an extension.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The digits of a telephone number, with the country's where that can be told: behind `+` or `00`,
/// and of Chinese mobile numbers, which are eleven digits beginning with 13 to 19. Of any other number
/// without it nobody can say in which country it rings: it stays as it is, and is another one than the
/// same with its country.
///
/// Anything but digits, blanks and `+ - . / ( )` makes it no number of one person: an extension, or two
/// numbers in one field. So does one digit again and again, which only fills a field, and a country that
/// begins with 0, which none does.
///
/// # Source
/// ITU-T E.164, E.164.1 and E.123; 电信网编号计划 (2017): 1[3-9] and nine digits are mobile.
pub(super) fn phone(text: &str) -> Option<String> {
    read(text).map(|(digits, _)| digits)
}

/// The number as it is dialled from anywhere, `+` and its digits; `None` where nobody can tell in
/// which country it rings.
pub(super) fn international(text: &str) -> Option<String> {
    read(text).filter(|(_, abroad)| *abroad).map(|(digits, _)| format!("+{digits}"))
}

/// The digits, and whether the first of them are the country's.
fn read(text: &str) -> Option<(String, bool)> {
    let narrow: String = text.chars().map(narrow).collect();
    // `+44 (0)20 …`: the bracket says what to dial at home.
    let plain = narrow.replace("(0)", "").replace(['(', ')'], "");
    let (abroad, rest) = match plain.trim().strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    let is_plain = |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '.' | '/');
    if !rest.chars().all(is_plain) {
        return None;
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let (abroad, digits) = match digits.strip_prefix("00") {
        Some(rest) => (true, rest),
        None => (abroad, digits.as_str()),
    };
    let first = digits.chars().next()?;
    if abroad && first == '0' {
        return None;
    }
    if !DIGITS.contains(&digits.len()) || digits.chars().all(|digit| digit == first) {
        return None;
    }
    Some(match abroad || !is_chinese_mobile(digits) {
        true => (digits.to_owned(), abroad),
        false => (format!("86{digits}"), true),
    })
}

fn is_chinese_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.as_bytes()[1] >= b'3'
}

/// A full-width sign as its plain one: 全角 digits are typed as often.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' => '-',
        c => c,
    }
}

/// An address in lower case. The standard lets a host tell `Ming` from `ming`; none does, and people
/// write both.
///
/// # Source
/// RFC 5321, section 2.4.
pub(super) fn email(text: &str) -> Option<String> {
    let address = text.trim().to_lowercase();
    match address.split('@').collect::<Vec<_>>()[..] {
        [user, host] if !user.is_empty() && !host.is_empty() => Some(address),
        _ => None,
    }
}
