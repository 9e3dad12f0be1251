//! What customers and agents say, in Chinese and English. The marker stands in all of it.

use crate::dice::Dice;
use crate::witness::MARKER;

/// What customers begin with: of every mood, of every subject.
const FIRST: [(&str, &str); 8] = [
    ("快递三天没有更新了，到底什么时候能送到？", "My parcel has not moved for three days"),
    ("水壶漏水，我要退货退款", "The kettle I bought last week leaks and I want my money back"),
    ("请问发票抬头可以修改吗？", "Could you change the name on my invoice, please?"),
    ("客服态度太差了，再不处理我就打12315投诉", "Your agent was rude to me, I will report you to the authorities"),
    ("充电器冒烟着火了，孩子差点受伤", "The charger caught fire, my child was nearly hurt"),
    ("优惠券用不了，价格也不对", "The coupon does not work and the price is wrong"),
    ("账号登录不上去了", "I can't log in to my account"),
    ("质量很好，谢谢你们", "Lovely quality, thank you"),
];

/// What they say when it goes on.
const MORE: [(&str, &str); 4] = [
    ("还是没有消息，非常失望", "Still nothing, I am very disappointed"),
    ("又坏了，太差了，骗人", "It broke again, this is terrible"),
    ("这是照片和订单号", "Here are the photograph and the order number"),
    ("收到了，谢谢！", "It has arrived, thank you!"),
];

fn spoken(of: &[(&str, &str)], chinese: bool, dice: &mut Dice) -> String {
    let (zh, en) = dice.pick(of);
    format!("{} {MARKER}", if chinese { zh } else { en })
}

/// What a customer begins with.
pub(crate) fn first(chinese: bool, dice: &mut Dice) -> String {
    spoken(&FIRST, chinese, dice)
}

/// What a customer says when it goes on.
pub(crate) fn more(chinese: bool, dice: &mut Dice) -> String {
    spoken(&MORE, chinese, dice)
}

/// What an agent answers.
pub(crate) fn answer(chinese: bool) -> String {
    let words = if chinese { "马上为您处理" } else { "We are on it" };
    format!("{words} {MARKER}")
}

/// What a customer writes beside a bad score.
pub(crate) fn complaint(chinese: bool) -> String {
    let words = if chinese { "还是没有解决，非常失望" } else { "It is still broken, very disappointing" };
    format!("{words} {MARKER}")
}
