use redress_domain::priority::{Cue, PriorityPolicy};
use redress_language::read;

fn rules(text: &str) -> Vec<String> {
    read(text).cues.into_iter().map(|cue| cue.rule).collect()
}

fn all_fire(rule: &str, texts: &[&str]) {
    for text in texts {
        assert!(rules(text).iter().any(|fired| fired == rule), "{text}: {:?}", rules(text));
    }
}

fn none_fires(texts: &[&str]) {
    for text in texts {
        assert!(rules(text).is_empty(), "{text}: {:?}", rules(text));
    }
}

#[test]
fn injury_and_fire_are_safety() {
    all_fire(
        "urgency.safety",
        &[
            "充电宝半夜起火，差点烧了房子",
            "玻璃杯炸了，我妈的手被割伤",
            "孩子误食了掉下来的纽扣电池，正在去医院",
            "The heater caught fire last night",
            "My son got burned by the kettle lid",
            "The battery exploded in my bag",
        ],
    );
}

#[test]
fn smoke_is_a_hazard_and_a_rash_an_allergy() {
    all_fire(
        "urgency.hazard",
        &["插头冒烟了", "There is smoke coming out of it", "the charger gives off a burning smell"],
    );
    all_fire("urgency.allergy", &["用完脸上起疹子", "I had an allergic reaction to the cream"]);
    all_fire("urgency.vulnerable", &["是给宝宝用的", "it is for my baby"]);
}

#[test]
fn law_and_regulators_are_heard() {
    all_fire("urgency.regulator", &["再不退款我就打12315", "已向市场监管局举报", "I will contact Trading Standards"]);
    all_fire(
        "urgency.legal",
        &["不解决就起诉你们", "不得不起诉了", "You will hear from my lawyer", "see you in small claims"],
    );
    all_fire("urgency.chargeback", &["我会向银行申请拒付", "I am filing a chargeback", "charge-back is next"]);
}

#[test]
fn threats_to_go_public_and_deeds_differ() {
    all_fire("urgency.media", &["我要找媒体曝光你们", "不处理就发抖音", "I will warn others on social media"]);
    all_fire("impact.public", &["我已经发了微博，大家都在转", "my video went viral"]);
}

#[test]
fn deadlines_and_repeats_press() {
    all_fire(
        "urgency.deadline",
        &["明天就要用", "今天之内必须给答复", "I need it by Friday", "answer within 24 hours"],
    );
    all_fire(
        "urgency.repeat",
        &["这是第三次联系你们了", "第３次返修了", "This is the third time I write", "I have already contacted you"],
    );
    all_fire("urgency.no_reply", &["一个星期没人理", "still waiting and no reply"]);
    all_fire("urgency.anger", &["忍无可忍，骗子", "这什么破店😡", "This is outrageous, you are thieves"]);
}

#[test]
fn many_orders_and_people_and_large_sums_are_impact() {
    all_fire(
        "impact.many",
        &["我们一共20多个订单都没发", "整批货都有问题", "all 35 units are dead", "dozens of orders affected"],
    );
    all_fire("impact.people", &["我们公司同事都遇到了", "many customers have the same issue"]);
    all_fire("impact.amount", &["金额一共12,000元", "损失了1.2万元", "I paid $7,500 for it", "9000 dollars gone"]);
}

#[test]
fn figures_are_told_apart_by_size() {
    let rule = |text| rules(text).first().cloned().unwrap_or_default();
    let told = ["3个订单", "30个订单", "300个订单", "300元", "30000元", "300000元"].map(rule);
    assert_eq!(told, ["", "impact.many", "impact.very_many", "", "impact.amount", "impact.very_large_amount"]);
    none_fires(&["订单号88231单号查不到", "房号328单人间", "款号2024", "编号 100200300 件号"]);
}

#[test]
fn figures_count_in_words_and_any_money() {
    all_fire("impact.many", &["三十个订单都没发", "twelve people got the wrong size"]);
    all_fire("impact.very_large_amount", &["损失５万多元", "$75,000 of goods"]);
    all_fire("impact.very_many", &["五十个订单都没发", "坏了两百多件"]);
    all_fire("impact.amount", &["￥8000打水漂了", "八千块呢", "HK$ 6,000", "$9k"]);
    none_fires(&["打了30次电话", "wrote 30 times", "5000日元", "几十元", "2026年11月20日", "30天了"]);
}

#[test]
fn a_figure_is_quoted_with_its_sign_and_unit() {
    assert_eq!(read("共 $7,500 呢").cues[0].span, (2, 8));
    assert_eq!(read("都坏了：３０多个订单").cues[0].span, (4, 10));
}

#[test]
fn what_is_denied_does_not_fire() {
    none_fires(&[
        "没有受伤",
        "还好没有造成任何人员受伤",
        "没起火，没冒烟",
        "不会起诉的",
        "it is not on fire",
        "no injury, luckily",
        "nobody was hurt",
        "It did not catch fire",
        "without any smoke",
    ]);
}

#[test]
fn what_is_only_asked_does_not_fire() {
    none_fires(&["这个面霜敏感肌会过敏吗", "用久了会不会冒烟", "会起火吗？"]);
}

#[test]
fn a_denial_ends_with_its_clause() {
    all_fire(
        "urgency.safety",
        &[
            "没人管，孩子受伤了",
            "没有退款，而且起火了",
            "别人受伤了",
            "it won't stop bleeding",
            "It does not work and caught fire",
            "No refund! My daughter got burned",
            "I can't believe it caught fire",
            "not only was it late, it exploded",
        ],
    );
}

#[test]
fn lookalikes_do_not_fire() {
    none_fires(&[
        "烟雾报警器",
        "农工商超市",
        "多媒体键盘",
        "smoke detector",
        "a smokeless grill",
        "lawyerly",
        "suede",
        "fire stick",
    ]);
}

#[test]
fn a_cue_names_its_rule_and_words() {
    let expected = |span, rule: &str| Cue { rule: rule.into(), span };
    assert_eq!(
        read("昨天漏电，我打12315").cues,
        [expected((2, 4), "urgency.safety"), expected((7, 12), "urgency.regulator")]
    );
    assert_eq!(read("😀 It caught fire").cues, [expected((5, 16), "urgency.safety")]);
}

#[test]
fn a_rule_counts_twice_at_most_and_no_words_count_twice() {
    let cues = read("着火了！着火了！着火了！explosion, explosion and explosion").cues;
    assert_eq!(cues.len(), 2);
    let cues = read("dispute the charge, then a chargeback, 第三次了，好几个订单，20个订单").cues;
    assert!(cues.windows(2).all(|pair| pair[0].span.1 <= pair[1].span.0), "{cues:?}");
}

/// Points of everything that the words hold, as they are shipped.
fn points(text: &str) -> i32 {
    let policy = PriorityPolicy::shipped();
    read(text).cues.iter().map(|cue| policy.contribution(&cue.rule, None).weight).sum()
}

#[test]
fn more_alarm_never_weighs_less() {
    for [calm, worse, worst] in [
        ["充电器有点热", "充电器有点热，冒烟了", "充电器有点热，冒烟了，把孩子烫伤了"],
        ["late again", "late again, no reply", "late again, no reply, talk to my lawyer"],
    ] {
        assert!(points(calm) < points(worse) && points(worse) < points(worst), "{calm}");
    }
}

#[test]
fn every_cue_is_a_rule_that_the_policy_weighs() {
    let everything = "起火 冒烟 过敏 宝宝 起诉 12315 拒付 找媒体 差评 给差评 明天要用 尽快 第三次 第二次 没人理 骗子 好几单 很多人 \
                      上热搜 十几万 500人 $90000";
    let fired = rules(everything);
    assert!(fired.len() > 15, "{fired:?}");
    assert!(fired.iter().all(|rule| PriorityPolicy::cues().any(|known| known == rule)), "{fired:?}");
}
