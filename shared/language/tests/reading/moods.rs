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
    all_sound(
        Sentiment::Neutral,
        &["请问有蓝色的吗", "发票什么时候能开", "What colours do you have?", "How do I change my address?", ""],
    );
}

#[test]
fn how_strongly_is_a_tone_of_minus_to_plus_one_hundred() {
    assert!(read("太差了，垃圾，再也不买了").tone() < -60);
    assert!(read("Love it, excellent quality").tone() > 60);
    assert_eq!(read("").tone(), (read("").sentiment_score * 100.0).round() as i8);
}
