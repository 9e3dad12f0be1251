use proptest::prelude::*;
use redress_language::entity::EntityKind::{
    Amount, BankCard, Count, Date, Email, IdentityNumber, OrderNumber, Phone, Sku, TrackingNumber, Url,
};
use redress_language::entity::{Counted, Currency, Entity, EntityKind, Value, entities, mask};

use crate::spans::slice;

fn named(text: &str) -> Vec<(EntityKind, String)> {
    entities(text).into_iter().map(|entity| (entity.kind, entity.text)).collect()
}

/// Every text names this, and nothing else of its kind.
fn all_name(kind: EntityKind, table: &[(&str, &str)]) {
    for (text, words) in table {
        let found: Vec<_> = named(text).into_iter().filter(|found| found.0 == kind).map(|found| found.1).collect();
        assert_eq!(found, [words.to_owned()], "{text}: {:?}", named(text));
    }
}

fn none_names(kind: EntityKind, texts: &[&str]) {
    for text in texts {
        assert!(entities(text).iter().all(|entity| entity.kind != kind), "{text}: {:?}", named(text));
    }
}

fn none_names_anything(texts: &[&str]) {
    for text in texts {
        assert_eq!(named(text), [], "{text}");
    }
}

/// The values of one kind in every text.
fn all_mean(kind: EntityKind, table: &[(&str, Option<Value>)]) {
    for (text, value) in table {
        let found: Vec<_> =
            entities(text).into_iter().filter(|entity| entity.kind == kind).map(|entity| entity.value).collect();
        assert_eq!(found, [*value], "{text}: {:?}", named(text));
    }
}

#[test]
fn an_order_is_named_by_its_word() {
    all_name(
        OrderNumber,
        &[
            ("订单号88231查不到", "88231"),
            ("我的订单号是：2026112412345678901，还没发", "2026112412345678901"),
            ("订单 编号 JD2026112412345", "JD2026112412345"),
            ("订单编号（A1B2-3344）", "A1B2-3344"),
            ("单号８８２３１", "８８２３１"),
            ("订单20481到现在没发货", "20481"),
            ("Order number: 112-1234567-1234567 is late", "112-1234567-1234567"),
            ("my order no. 88231", "88231"),
            ("ORDER ID is SO-20481", "SO-20481"),
            ("Where is order #12345?", "12345"),
            ("It is about #12345", "12345"),
            ("order 20481 never came", "20481"),
            ("cancel purchase 113542617735902", "113542617735902"),
        ],
    );
}

#[test]
fn an_order_is_known_by_its_shape_too() {
    all_name(
        OrderNumber,
        &[
            ("112-1234567-1234567还没到", "112-1234567-1234567"),
            ("JD2026112412345什么时候发", "JD2026112412345"),
            ("SO-20481 is late", "SO-20481"),
            ("订单号 4111111111111111", "4111111111111111"),
        ],
    );
}

#[test]
fn several_orders_after_one_word_are_several() {
    let orders = ["20481", "20482", "20483"].map(|number| (OrderNumber, number.to_owned()));
    assert_eq!(named("订单号20481、20482和20483都没到"), orders);
    assert_eq!(named("order numbers 20481 and 20482 & 20483"), orders);
}

#[test]
fn a_date_a_sum_and_a_quantity_are_no_order() {
    none_names(
        OrderNumber,
        &[
            "订单2026-11-20下的",
            "订单号 2026-11-20",
            "订单 100000元",
            "订单30个",
            "订单号多少",
            "order 2000 pieces",
            "order of 12 pieces",
            "my order is late",
            "in order to get 5 of them",
            "preorder 20481",
            "invoice #20481",
            "#1 choice",
        ],
    );
}

#[test]
fn a_parcel_is_named_by_its_word_or_its_carrier() {
    all_name(
        TrackingNumber,
        &[
            ("快递单号：YT8823145678901", "YT8823145678901"),
            ("运单号 773312345678", "773312345678"),
            ("物流单号是ＳＦ１２３４５", "ＳＦ１２３４５"),
            ("顺丰 SF1234567890123 三天没动", "SF1234567890123"),
            ("JDVA12345678901没更新", "JDVA12345678901"),
            ("单号 SF1234567890123", "SF1234567890123"),
            ("Tracking number: 9400110200881", "9400110200881"),
            ("the tracking no is 88231456", "88231456"),
            ("UPS 1Z999AA10123456784 stuck", "1Z999AA10123456784"),
            ("RR123456785CN", "RR123456785CN"),
        ],
    );
    none_names(TrackingNumber, &["物流一直不动", "tracking has not moved for 3 days", "SF is a city, 1Z no"]);
}

#[test]
fn an_article_is_named_by_its_word() {
    all_name(
        Sku,
        &[
            ("货号：A-100缺货", "A-100"),
            ("款号2024", "2024"),
            ("型号是 KFR-35GW/X5 的空调", "KFR-35GW/X5"),
            ("SKU AB-RED-12", "AB-RED-12"),
            ("item no. 88231", "88231"),
            ("the model number is X100", "X100"),
            ("Model: X5", "X5"),
        ],
    );
    none_names(Sku, &["型号不对", "which model is it", "a skunk 5", "the models I saw"]);
}

fn money(amount_minor: i64, currency: Currency) -> Option<Value> {
    Some(Value::Amount { amount_minor, currency })
}

#[test]
fn a_sum_has_a_currency_and_minor_units() {
    use Currency::{Cny, Eur, Gbp, Hkd, Jpy, Usd};
    all_mean(
        Amount,
        &[
            ("退我199元", money(19_900, Cny)),
            ("金额一共12,000元", money(1_200_000, Cny)),
            ("损失了1.2万元", money(1_200_000, Cny)),
            ("１０多万块", money(10_000_000, Cny)),
            ("1万2千元", money(1_200_000, Cny)),
            ("三百块", money(30_000, Cny)),
            ("两千多块", money(200_000, Cny)),
            ("五块钱", money(500, Cny)),
            ("9块9包邮", money(990, Cny)),
            ("三块五", money(350, Cny)),
            ("三百块一个", money(30_000, Cny)),
            ("￥19.9", money(1_990, Cny)),
            ("RMB 300", money(30_000, Cny)),
            ("300人民币", money(30_000, Cny)),
            ("I paid $1,299.00", money(129_900, Usd)),
            ("300 dollars gone", money(30_000, Usd)),
            ("twelve dollars", money(1_200, Usd)),
            ("$5k", money(500_000, Usd)),
            ("花了50美元", money(5_000, Usd)),
            ("US$20", money(2_000, Usd)),
            ("€45", money(4_500, Eur)),
            ("45 euros", money(4_500, Eur)),
            ("£9.99!", money(999, Gbp)),
            ("HK$300", money(30_000, Hkd)),
            ("300港币", money(30_000, Hkd)),
            ("5000日元", money(5_000, Jpy)),
            ("¥5000 JPY", money(5_000, Jpy)),
        ],
    );
    all_name(
        Amount,
        &[("退我 １９９ 元吧", "１９９ 元"), ("only $1,299.00 USD.", "$1,299.00 USD"), ("才9块9包邮", "9块9")],
    );
}

#[test]
fn what_only_looks_like_money_is_none() {
    none_names(
        Amount,
        &[
            "2026元旦",
            "两块屏幕都坏",
            "一块去",
            "一块儿买的",
            "几百块",
            "好几千元",
            "千元机",
            "100%",
            "A$300",
            "300 europeans",
            "元",
            "$",
            "5 stars",
            "3单元",
        ],
    );
}

fn many(number: u32, of: Counted) -> Option<Value> {
    Some(Value::Count { number, of })
}

#[test]
fn a_count_says_how_many_of_what() {
    use Counted::{Orders, People, Pieces, Times};
    all_mean(
        Count,
        &[
            ("30个订单都没发", many(30, Orders)),
            ("２０多单", many(20, Orders)),
            ("五十几个人", many(50, People)),
            ("十二位顾客", many(12, People)),
            ("3万人", many(30_000, People)),
            ("20件", many(20, Pieces)),
            ("两箱都坏", many(2, Pieces)),
            ("打了3次电话", many(3, Times)),
            ("两次了", many(2, Times)),
            ("第三次", many(3, Times)),
            ("第3次返修", many(3, Times)),
            ("12 orders", many(12, Orders)),
            ("three people", many(3, People)),
            ("1,200 customers", many(1_200, People)),
            ("50pcs", many(50, Pieces)),
            ("wrote 3 times", many(3, Times)),
            ("the third time", many(3, Times)),
            ("for the 3rd time", many(3, Times)),
        ],
    );
}

#[test]
fn what_only_looks_like_a_count_is_none() {
    none_names(
        Count,
        &[
            "订单号88231单号查不到",
            "房号328单人间",
            "编号 100200300 件号",
            "住3单元",
            "三人房",
            "每一个人",
            "同一个订单",
            "3件套",
            "5台阶",
            "统一订单",
            "一次性手套",
            "二次销售",
            "第二件半价",
            "几十个人",
            "好几单",
            "两三个人",
            "周五单",
            "1000000件",
            "iPhone 15 Pro",
            "100%",
            "24小时",
            "5 stars",
            "timesheet",
            "9000000 people",
            "3.5 people",
            "v3.5",
        ],
    );
}

fn ago(days: i32) -> Option<Value> {
    Some(Value::DaysAgo { days })
}

#[test]
fn a_day_is_told_by_the_calendar_or_from_today() {
    let day = Some(Value::Day { date: "2026-11-20".parse().expect("a day") });
    all_mean(
        Date,
        &[
            ("2026-11-20下的单", day),
            ("２０２６年１１月２０日", day),
            ("2026/11/20号", day),
            ("on 20 Nov 2026", day),
            ("the 20th of November 2026", day),
            ("November 20th, 2026.", day),
            ("2026年11月", None),
            ("11月20号", None),
            ("20 November", None),
            ("2026-02-30", None),
            ("三天了", ago(3)),
            ("等了3天", ago(3)),
            ("3天前", ago(3)),
            ("十几天", ago(10)),
            ("两周了", ago(14)),
            ("两个星期", ago(14)),
            ("昨天", ago(1)),
            ("前天买的", ago(2)),
            ("大前天", ago(3)),
            ("今天", ago(0)),
            ("明天就要用", ago(-1)),
            ("后天", ago(-2)),
            ("上周五", None),
            ("3天内", None),
            ("三天后才到", None),
            ("3 days", ago(3)),
            ("three days ago", ago(3)),
            ("a week ago", ago(7)),
            ("2 weeks", ago(14)),
            ("Yesterday", ago(1)),
            ("the day before yesterday", ago(2)),
            ("today", ago(0)),
            ("tomorrow", ago(-1)),
            ("last Friday", None),
            ("within 3 days", None),
            ("3 days later", None),
        ],
    );
}

#[test]
fn what_only_looks_like_a_day_is_none() {
    none_names(
        Date,
        &[
            "目前天猫还没发",
            "售后天天推脱",
            "七天无理由",
            "三天两头坏",
            "一天到晚",
            "好几天",
            "两三天",
            "第三天",
            "两周年",
            "24小时",
            "one day I hope",
            "24 hours",
            "3 business days",
            "may 5 people come",
            "SO-2026-11-20",
            "3-5 days",
            "总有一天",
            "最后一天",
            "todays",
            "usatoday",
        ],
    );
}

#[test]
fn a_phone_is_one_in_any_grouping() {
    all_name(
        Phone,
        &[
            ("打我电话13800138000", "13800138000"),
            ("手机138 0013 8000", "138 0013 8000"),
            ("１３８-００１３-８０００", "１３８-００１３-８０００"),
            ("+86 138-0013-8000", "+86 138-0013-8000"),
            ("0086 13800138000", "0086 13800138000"),
            ("8613800138000", "8613800138000"),
            ("座机010-12345678", "010-12345678"),
            ("0755 2234567转8", "0755 2234567"),
            ("客服400-123-4567没人接", "400-123-4567"),
            ("电话 12345678", "12345678"),
            ("call +44 20 7946 0958", "+44 20 7946 0958"),
            ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958"),
            ("(415) 555-2671", "(415) 555-2671"),
            ("reach me at 415-555-2671.", "415-555-2671"),
            ("phone number: 5552671", "5552671"),
        ],
    );
    none_names(
        Phone,
        &[
            "价格13800138000元",
            "$1,380,013",
            "2026-11-20 12:30",
            "订单号13800138000",
            "12800138000",
            "138001380001",
            "iPhone 15 Pro Max 256",
            "尺码 160 170 180",
            "112-1234567-1234567",
        ],
    );
}

#[test]
fn an_address_is_an_address() {
    all_name(
        Email,
        &[
            ("邮箱li.wei+a@example.com，谢谢", "li.wei+a@example.com"),
            ("mail ＬＩ＠example.co.uk.", "ＬＩ＠example.co.uk"),
        ],
    );
    all_name(
        Url,
        &[
            ("见https://example.com/a?b=1，", "https://example.com/a?b=1"),
            ("see www.example.com.", "www.example.com"),
            ("点m.tb.cn/h.abc看", "m.tb.cn/h.abc"),
            ("(http://a.cn/12345678)", "http://a.cn/12345678"),
        ],
    );
    none_names_anything(&["a@b", "@shop", "and/or", "http://", "www", "e.g. this"]);
}

#[test]
fn an_identity_number_and_a_card_must_add_up() {
    all_name(
        IdentityNumber,
        &[("身份证11010519491231002X", "11010519491231002X"), ("ID 11010519491231002x", "11010519491231002x")],
    );
    none_names(IdentityNumber, &["110105194912310021", "11010519491331002X", "订单号11010519491231002X"]);
    all_name(
        BankCard,
        &[
            ("卡号4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("卡号6222020000000000000", "6222020000000000000"),
            ("card 4111-1111-1111-1111", "4111-1111-1111-1111"),
            ("2 of card 12 5500000000000004", "5500000000000004"),
        ],
    );
    none_names(BankCard, &["4111 1111 1111 1112", "0000000000000000", "411111111111"]);
}

#[test]
fn most_texts_name_nothing() {
    none_names_anything(&[
        "",
        " ",
        "充电器有点热，不太好用",
        "It stopped working, what should I do?",
        "iPhone 15 Pro",
        "100%好评，5 stars",
        "24小时客服",
        "😀👩‍🚀",
        "第一",
        "统一回复",
        "one of them is broken, someone phoned",
    ]);
}

#[test]
fn what_is_named_stands_in_the_order_of_the_text() {
    let kinds = |text| entities(text).into_iter().map(|entity| entity.kind).collect::<Vec<_>>();
    let expected = [OrderNumber, Date, TrackingNumber, Count, Amount, Phone];
    assert_eq!(kinds("订单号88231昨天发了，快递单号YT88231，20件少了3000元，回我13800138000"), expected);
    assert_eq!(
        kinds("Order 88231 of yesterday, tracking no YT88231: 20 pieces, $3,000 short, call +44 20 7946 0958"),
        expected
    );
}

#[test]
fn an_entity_survives_json_and_says_what_it_is() {
    let found = entities("￥19.9, 3次, 昨天, 2026-11-20, #12345");
    let json = serde_json::to_string(&found).expect("plain data");
    assert_eq!(serde_json::from_str::<Vec<Entity>>(&json).expect("plain data"), found);
    for part in [
        r#"{"kind":"amount","text":"￥19.9","start":0,"end":5,"value":{"type":"amount","amount_minor":1990,"currency":"CNY"}}"#,
        r#""value":{"type":"count","number":3,"of":"times"}"#,
        r#""value":{"type":"days_ago","days":1}"#,
        r#""value":{"type":"day","date":"2026-11-20"}"#,
        r#""kind":"order_number","text":"12345","start":28,"end":33,"value":null"#,
    ] {
        assert!(json.contains(part), "{json}");
    }
}

#[test]
fn a_masked_text_tells_nobody_who_or_what() {
    for (text, masked) in [
        ("订单号88231，快递单号YT88231456", "订单号[ORDER]，快递单号[TRACKING]"),
        ("电话１３８００１３８０００，身份证11010519491231002X", "电话[PHONE]，身份证[ID]"),
        ("卡号4111 1111 1111 1111，退199元", "卡号[CARD]，退199元"),
        ("2026-11-20 买的 30件，货号A-100", "2026-11-20 买的 30件，货号A-100"),
        ("密码 1234 5678，@小明 在吗", "密码 [NUM]，[USER] 在吗"),
        ("１２３４５６７", "[NUM]"),
        ("货号10023456，¥12345678", "货号[NUM]，¥[NUM]"),
        ("See www.example.com or mail li@example.com", "See [URL] or mail [EMAIL]"),
        ("order #12345, code 123-45-67, @shop_1!", "order #[ORDER], code [NUM], [USER]!"),
        ("I paid $1,299.00 yesterday", "I paid $1,299.00 yesterday"),
        ("nothing to hide", "nothing to hide"),
    ] {
        assert_eq!(mask(text), masked, "{text}");
    }
}

/// What holds for every text whatsoever.
fn assert_sound(text: &str) {
    let length = text.chars().count();
    let mut reached = 0;
    for entity in entities(text) {
        assert!(reached <= entity.start && entity.start < entity.end && entity.end <= length, "{text:?}: {entity:?}");
        reached = entity.end;
        match entity.value {
            Some(Value::Amount { amount_minor, .. }) => assert!(amount_minor >= 0, "{text:?}"),
            Some(Value::Count { number, .. }) => assert!(number <= 100_000, "{text:?}"),
            Some(Value::Day { .. } | Value::DaysAgo { .. }) => assert_eq!(entity.kind, Date, "{text:?}"),
            None => assert!(!matches!(entity.kind, Amount | Count), "{text:?}"),
        }
    }
    let masked = mask(text);
    assert_eq!(mask(&masked), masked, "{text:?}");
    assert!(longest_digits(&masked) < 7, "{text:?}: {masked:?}");
}

fn longest_digits(text: &str) -> usize {
    text.split(|c: char| !matches!(c, '0'..='9' | '０'..='９')).map(|run| run.chars().count()).max().unwrap_or_default()
}

#[test]
fn one_thing_over_and_over_is_harmless() {
    for part in [
        "a",
        "1",
        "０",
        "一",
        "万",
        "@",
        ".",
        "-",
        " ",
        "😀",
        "Ã©",
        "\u{301}",
        "a@",
        "1-",
        "1 ",
        "12 ",
        "(",
        "+1",
        "#",
        "$1",
        "1,",
        "1.",
        "一块",
        "订单号",
        "单号1",
        "order ",
        "http://",
        "www.",
        "a.b/",
        "第",
        "11月",
        "a@a.aa.",
        "3天",
        "and ",
        "@小",
        "138 0013 8000 ",
        "4111 ",
        "2026-",
        "九千亿亿块5",
        "三百",
        "¥",
        "、1234",
        "订单号12345、",
    ] {
        assert_sound(&part.repeat(8_000 / part.len()));
    }
    assert_sound(&"7".repeat(100_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_searched(text in any::<String>()) {
        assert_sound(&text);
    }

    #[test]
    fn any_mix_of_known_parts_is_searched(parts in prop::collection::vec(prop::sample::select(PARTS), 0..30)) {
        assert_sound(&parts.concat());
    }

    #[test]
    fn any_run_of_digits_and_signs_is_searched(text in "[0-9０-９ +()@.a一万-]{0,60}") {
        assert_sound(&text);
    }

    #[test]
    fn what_is_named_is_quoted_word_for_word(parts in prop::collection::vec(prop::sample::select(PARTS), 0..30)) {
        let text = parts.concat();
        for entity in entities(&text) {
            prop_assert_eq!(entity.text, slice(&text, (entity.start, entity.end)));
        }
    }
}

const PARTS: &[&str] = &[
    "订单号",
    "订单",
    "快递单号",
    "货号",
    "order ",
    "no. ",
    "tracking ",
    "#",
    "12345",
    "88231456",
    "１３８",
    "13800138000",
    "138 0013 8000",
    "+86",
    "010-",
    "12345678",
    "4111 1111 1111 1111",
    "11010519491231002X",
    "112-1234567-1234567",
    "SF1234567890123",
    "$",
    "¥",
    "￥",
    "元",
    "块",
    "万",
    "多",
    "几",
    "三",
    "百",
    "个",
    "件",
    "人",
    "次",
    "第",
    " orders",
    " days",
    " ago",
    "天",
    "前",
    "昨天",
    "2026-11-20",
    "20 Nov 2026",
    "，",
    ",",
    ".",
    " ",
    "-",
    "(",
    ")",
    "@",
    "shop",
    "li@example.com",
    "www.example.com",
    "http://a.cn/1",
    "😡",
    "\u{301}",
    "\u{200b}",
    "[ORDER]",
    "[NUM]",
    "x",
    "一",
    "k",
    "and ",
    "、",
    "\n",
];
