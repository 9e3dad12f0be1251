use redress_domain::category::{Category, Language};
use redress_language::read;

/// Every text is answered, and with this category.
fn all_are(category: Category, texts: &[&str]) {
    for text in texts {
        let reading = read(text);
        assert_eq!((reading.category, reading.needs_review), (category, false), "{text}: {:?}", reading.top);
        assert_eq!(reading.confidence, reading.top[0].score, "{text}");
        assert!(!reading.evidence.is_empty() && reading.evidence.len() <= 10, "{text}");
    }
}

fn all_are_unsure(texts: &[&str]) {
    for text in texts {
        let reading = read(text);
        assert_eq!((reading.category, reading.needs_review), (Category::Other, true), "{text}: {:?}", reading.top);
        assert_eq!(reading.top.len(), 3, "{text}");
    }
}

#[test]
fn a_defect_is_product_quality() {
    all_are(
        Category::ProductQuality,
        &[
            "衣服洗了一次就掉色，还起球，质量太差",
            "怀疑买到的是假货，包装上的防伪码查不到",
            "The blender stopped working after two days, the motor is faulty.",
            "Zip broke on first use, really poor quality jacket",
            "I think this perfume is fake, the bottle looks like a knock-off",
        ],
    );
}

#[test]
fn a_parcel_on_its_way_is_logistics() {
    all_are(
        Category::Logistics,
        &[
            "快递显示已签收，可是我根本没收到货",
            "上周的包裹物流一直不动，到哪了？",
            "箱子压扁了，运输途中摔坏了一半杯子",
            "Where is my parcel? Tracking has been stuck for a week",
            "Courier says delivered but nothing was left at the door",
        ],
    );
}

#[test]
fn a_refund_or_a_repair_is_after_sales() {
    all_are(
        Category::AfterSales,
        &[
            "我要退货退款，七天无理由",
            "你们发错了型号，怎么换货？",
            "保修期内的扫地机能不能寄回维修",
            "I want a refund and a return label please",
            "You sent me the wrong size, can I exchange it for a medium?",
            "One of the screws is missing from the kit, please send a replacement",
        ],
    );
}

#[test]
fn money_and_paper_are_payment_and_invoice() {
    all_are(
        Category::PaymentInvoice,
        &[
            "请给我开一张公司抬头的增值税发票",
            "同一笔被重复扣款，信用卡账单上有两次",
            "微信支付付款失败但是钱已经扣了",
            "My credit card was charged twice for one purchase",
            "Could you email me the invoice with our VAT number?",
            "Payment failed at PayPal but the money was taken",
        ],
    );
}

#[test]
fn making_and_changing_an_order_is_order() {
    all_are(
        Category::Order,
        &[
            "刚下单写错了收货地址，帮我改地址",
            "麻烦帮我取消订单，拍重了",
            "两个订单可以合并一起发吗",
            "Please cancel my order, I no longer need it",
            "I need to change my shipping address before it goes out",
            "How do I place an order for ten of these?",
        ],
    );
}

#[test]
fn signing_in_is_account() {
    all_are(
        Category::Account,
        &[
            "忘记密码了，验证码也收不到",
            "我的账号被锁定，登录不上去",
            "想换绑手机号，旧号码不用了",
            "I forgot my password and cannot log in",
            "Please delete my account and my personal data",
            "Locked out of my profile, the verification code never comes",
        ],
    );
}

#[test]
fn a_question_about_an_item_is_product_enquiry() {
    all_are(
        Category::ProductEnquiry,
        &[
            "请问面霜的保质期到什么时候",
            "蓝色的什么时候补货，现在有货吗",
            "Is the large one in stock, and what material is it made of?",
        ],
    );
}

#[test]
fn bad_manners_are_service_attitude() {
    all_are(
        Category::ServiceAttitude,
        &[
            "客服态度恶劣，还挂我电话",
            "你们的人一直踢皮球，敷衍了事，我要投诉",
            "店员爱理不理，服务太差",
            "The agent was rude and hung up on me",
            "Your staff laughed at me, so unprofessional",
            "I want to make a complaint about the terrible service",
        ],
    );
}

#[test]
fn coupons_and_price_cuts_are_price_and_promotion() {
    all_are(
        Category::PricePromotion,
        &[
            "昨天刚买今天就降价，能补差价吗",
            "优惠券为什么用不上，不是满减吗",
            "说好的赠品没给我，活动页面写着买一送一",
            "The coupon I got by email is rejected",
            "Price dropped the day after I bought it, do you price match?",
            "My promo code for the flash sale is not accepted",
        ],
    );
}

#[test]
fn what_the_shop_cannot_answer_is_other_for_certain() {
    all_are(
        Category::Other,
        &[
            "转人工，我要找客服",
            "我想加盟开店，怎么合作",
            "Can I speak with a human agent?",
            "How do I unsubscribe from the newsletter?",
        ],
    );
}

#[test]
fn unsure_stays_unsure() {
    all_are_unsure(&["嗯", "今天天气真好", "asdf qwer zxcv", "🙂🙂🙂", "zibble wobbly frumious bandersnatch"]);
}

#[test]
fn a_second_subject_is_told_beside_the_first() {
    for (text, first, second) in [
        ("我的包裹一直没收到，另外发票抬头也开错了", Category::Logistics, Category::PaymentInvoice),
        ("我的包裹一直没收到。另外发票抬头也开错了。", Category::Logistics, Category::PaymentInvoice),
        (
            "I want to return the kettle for a refund. And please send me the invoice with the VAT number.",
            Category::AfterSales,
            Category::PaymentInvoice,
        ),
    ] {
        let reading = read(text);
        let told: Vec<_> = [reading.category].into_iter().chain(reading.secondary.clone()).collect();
        assert!(told.contains(&first) && told.contains(&second), "{text}: {told:?}");
        assert!(!reading.secondary.contains(&reading.category));
    }
    assert_eq!(read("快递三天没有更新了").secondary, []);
}

#[test]
fn white_space_full_width_and_case_make_no_difference() {
    let plain = read("refund my credit card payment, 退款");
    for odd in ["ＲＥＦＵＮＤ my Credit　CARD payment, 退\u{200b}款", "  Refund\n\nmy  credit card\tpayment, 退 款 "]
    {
        let odd = read(odd);
        assert_eq!((&odd.top, odd.sentiment_score), (&plain.top, plain.sentiment_score));
    }
    assert_eq!(read("I don’t want it, charge-back").cues[0].rule, read("charge back").cues[0].rule);
}

#[test]
fn the_language_is_that_of_most_letters() {
    for (text, language) in [
        ("我的 iPhone 充不进电", Language::Zh),
        ("收不到WiFi信号", Language::Zh),
        ("Where is my 快递 please", Language::En),
        ("Ｗｈｅｒｅ　ｉｓ　ｉｔ", Language::En),
        ("超好用の锅", Language::Zh),
        ("貨到了但是壞了", Language::Zh),
        ("battery caught fire", Language::En),
        ("¿Dónde está mi pedido? Todavía no ha llegado", Language::Other),
        ("Wo ist mein Paket? Es ist noch nicht da", Language::Other),
        ("saya belum terima barang", Language::Other),
        ("Hi 你好, the package 快递 has still not arrived 一直没到", Language::En),
        ("商品がまだ届きません", Language::Other),
        ("환불해 주세요", Language::Other),
        ("Где мой заказ", Language::Other),
        ("12345 !!! 😀", Language::Other),
        ("", Language::Other),
    ] {
        assert_eq!(read(text).language, language, "{text}");
    }
}

#[test]
fn a_third_language_is_always_left_to_a_person() {
    all_are_unsure(&[
        "이 상품은 품질이 나빠요",
        "返品したいです。送料はいくらですか",
        "Верните деньги, возврат refund сейчас же",
    ]);
}
