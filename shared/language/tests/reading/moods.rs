use redress_domain::category::Sentiment;
use redress_language::read;

fn all_sound(sentiment: Sentiment, texts: &[&str]) {
    for text in texts {
        let reading = read(text);
        assert_eq!(reading.sentiment, sentiment, "{text}: {}", reading.sentiment_score);
        assert!((-1.0..=1.0).contains(&reading.sentiment_score), "{text}");
    }
}

#[test]
fn praise_is_positive() {
    all_sound(
        Sentiment::Positive,
        &["非常满意，物流很快，强烈推荐", "质量不错", "Love it, excellent quality", "works well, very happy", "👍👍"],
    );
}

#[test]
fn blame_is_negative() {
    all_sound(
        Sentiment::Negative,
        &["太差了，用一次就坏了", "垃圾，后悔买了", "Terrible, it broke in a day", "very disappointed", "什么东西😡"],
    );
}

#[test]
fn a_plain_question_is_neutral() {
    all_sound(Sentiment::Neutral, &["请问有蓝色的吗", "你好，谢谢", "What colours do you have? Thanks", "Hello", ""]);
}

#[test]
fn a_denial_turns_the_word() {
    all_sound(
        Sentiment::Negative,
        &["不满意", "没有想象的好用", "特别失望", "not good", "I am not happy", "would not recommend"],
    );
    all_sound(Sentiment::Positive, &["真不错", "not bad", "no complaints", "never disappointed, great shop"]);
}

#[test]
fn words_that_only_look_like_blame_are_left_alone() {
    all_sound(Sentiment::Neutral, &["贵公司在哪", "出差用的", "差不多一周", "no problem"]);
}
