//! What holds for whatever a customer says.

use proptest::prelude::*;
use redress_domain::category::{Category, Sentiment};
use redress_domain::feedback::Tier;
use redress_domain::priority::{Assessment, Context, PriorityPolicy, assess};
use redress_language::{Reading, read};

/// What customers say, calm and not.
const SAID: &[&str] = &[
    "快递三天没有更新了",
    "质量不错，很满意",
    "太差了，用一次就坏了",
    "请问发票什么时候能开",
    "没有人受伤",
    "Where is my parcel?",
    "Love it, great quality",
    "Terrible, it broke in a day",
    "How do I change my address",
    "nobody was hurt",
    "，",
    ". ",
    "\n",
    " 还有 ",
    " and ",
    "😡",
    "👍",
    "30个订单",
    "12,000元",
];

/// Words that fire, of every weight; each ends where its rule does.
const CUES: &[&str] = &[
    "孩子",
    "尽快",
    "给差评",
    "第二次",
    "没人理",
    "第三次",
    "找媒体",
    "起诉",
    "起火",
    "整批",
    "urgent",
    "my baby",
    "bad review",
    "second time",
    "no reply",
    "furious",
    "lawyer",
    "caught fire",
    "all our orders",
    "$90,000",
];

fn assessed(reading: &Reading) -> Assessment {
    let sentiment = reading.sentiment_besides_cues;
    let context = Context { category: Category::Other, sentiment, tier: Tier::Standard, public: false };
    assess(&reading.cues, context, &PriorityPolicy::shipped())
}

/// The same in another dress: full width, capitals, other white space, and more of it.
fn dressed(text: &str, seed: u64) -> String {
    let mut state = seed;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (mut dressed, mut last_han) = (String::from(["", " ", "\n", "\u{3000}"][roll(4) as usize]), false);
    for c in text.chars() {
        if last_han && han(c) && roll(4) == 0 {
            dressed.push_str([" ", "\n", "\u{3000}", " \t "][roll(4) as usize]);
        }
        last_han = han(c);
        match c {
            ' ' | '\n' => dressed.push_str([" ", "  ", "\n", "\u{a0}", "\u{3000}"][roll(5) as usize]),
            '!'..='~' if roll(3) == 0 => dressed.extend(char::from_u32(c as u32 + 0xfee0)),
            _ if roll(3) == 0 => dressed.extend(c.to_uppercase()),
            _ => dressed.push(c),
        }
    }
    dressed + ["", " ", "\n\n"][roll(3) as usize]
}

fn saying() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(SAID), 0..8).prop_map(|said| said.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn one_more_cue_never_lowers_the_score_or_the_priority(said in saying(), cue in prop::sample::select(CUES), before: bool) {
        let calm = read(&said);
        let alarmed = read(&if before { format!("{cue}\n{said}") } else { format!("{said}\n{cue}") });
        // 没有 before it denies it, and what is denied is no cue.
        prop_assume!(alarmed.cues.len() > calm.cues.len());
        let (calm, alarmed) = (assessed(&calm), assessed(&alarmed));
        prop_assert!(alarmed.score >= calm.score && alarmed.priority <= calm.priority, "{said:?} {cue}: {calm:?} {alarmed:?}");
    }

    #[test]
    fn white_space_full_width_and_case_change_nothing(said in saying(), cue in prop::sample::select(CUES), seed: u64) {
        let said = format!("{said}{cue}");
        let (plain, dressed) = (read(&said), read(&dressed(&said, seed)));
        prop_assert_eq!(&plain.top, &dressed.top);
        prop_assert_eq!(plain.sentiment_score, dressed.sentiment_score);
        let rules = |reading: &Reading| reading.cues.iter().map(|cue| cue.rule.clone()).collect::<Vec<_>>();
        prop_assert_eq!(rules(&plain), rules(&dressed));
        prop_assert_eq!(assessed(&plain).score, assessed(&dressed).score);
        prop_assert_eq!((plain.language, plain.category), (dressed.language, dressed.category));
    }
}

#[test]
fn a_cue_does_not_change_how_the_rest_sounds() {
    let calm = read("质量不错，很满意");
    for cue in ["孩子", "尽快"] {
        let reading = read(&format!("质量不错，很满意\n{cue}"));
        assert_eq!(reading.cues.len(), 1);
        assert_eq!(reading.sentiment_besides_cues, calm.sentiment);
    }
    assert_eq!(calm.sentiment, Sentiment::Positive);
}
