//! Whether somebody suggests something: 建议…, 希望能…, please add…, it would be nice if….

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::fold::Folded;

static PHRASES: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let lines = include_str!("suggestion.tsv").lines().filter(|line| !line.starts_with('#'));
    let phrases = lines.filter_map(|line| line.split_once('\t')).flat_map(|(_, phrases)| phrases.split('|'));
    AhoCorasick::new(phrases.map(|phrase| Folded::of(phrase).text().to_owned()))
        .expect("the embedded phrases are few: a test finds each")
});

/// Whether a text suggests something to the shop. A word in it is enough; what it is about, people
/// read.
///
/// ```
/// assert!(redress_language::suggests("客服很好，建议增加夜间值班"));
/// assert!(redress_language::suggests("Fine. It would be nice if you sold spare parts"));
/// assert!(!redress_language::suggests("快递太慢了"));
/// ```
#[must_use]
pub fn suggests(text: &str) -> bool {
    PHRASES.is_match(Folded::of(text).text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_found_in_both_languages() {
        for text in [
            "建议包装改进一下",
            "服务不错，希望能支持上门取件",
            "要是能自己选快递就好了",
            "最好可以开电子发票",
            "Please add Apple Pay",
            "It’d be ok, but it would be great if you answered on weekends",
            "I SUGGEST a bigger box",
            "You should ship spare screws",
        ] {
            assert!(suggests(text), "{text}");
        }
    }

    #[test]
    fn what_only_complains_or_thanks_is_none() {
        for text in [
            "",
            "谢谢小美",
            "快递三天没有更新",
            "还是没收到退款，非常失望",
            "希望早点收到",
            "The kettle leaks",
            "Thank you, all good",
            "I was pleased and added a tip",
            "nobody answered",
            "You should be ashamed",
            "How about my refund",
        ] {
            assert!(!suggests(text), "{text}");
        }
    }

    #[test]
    fn every_phrase_of_the_table_is_found_alone() {
        let lines = include_str!("suggestion.tsv").lines().filter(|line| !line.starts_with('#'));
        for phrase in lines.flat_map(|line| line.split_once('\t').unwrap().1.split('|')) {
            assert!(suggests(phrase), "{phrase}");
            assert!(suggests(&format!("好的，{phrase}。 fine, {phrase}.")), "{phrase}");
        }
    }
}
