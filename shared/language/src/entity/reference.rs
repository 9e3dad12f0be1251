//! Numbers of orders, parcels and articles.

use std::sync::LazyLock;

use regex::Regex;

use super::EntityKind;
use super::find::Claims;
use super::pattern::{EDGE, after, before, pattern};

/// What may stand between the word and its number: 单号是：, `no. is #`.
const BETWEEN: &str = r"[ \r\n:=#.(是为]{0,4}(?:is[ :=#]{1,3})?";
/// Letters and digits in parts, a digit among the first: `88231`, `JD2026112412345`, `SO-20481`.
const NUMBER: &str = "(?:[a-z]{1,6}-?){0,2}[0-9][a-z0-9]*(?:[-_][a-z0-9]+)*";
/// Shorter numbers are quantities.
const DIGITS_MIN: usize = 3;
/// So many beside 订单 or `order` alone.
const DIGITS_NEAR: usize = 5;
/// Longer ones are somebody leaning on the keyboard.
const LENGTH_MAX: usize = 40;

/// 运单号…, `tracking number …`.
static TRACKING: LazyLock<Regex> = LazyLock::new(|| {
    let zh =
        "(?:快递|运|物流|货运|包裹|追踪|跟踪|顺丰|圆通|中通|申通|韵达|极兔|邮政)(?:查询|追踪|跟踪)?单?(?:编号|号码|号)";
    let en = format!("{EDGE}(?:tracking|waybill|consignment|shipment|awb) ?(?:numbers?|num|no|id|code|#)?");
    pattern(&format!("(?:{zh}|{en}){BETWEEN}({NUMBER}){EDGE}"))
});

/// Numbers only carriers give: SF Express, YTO, ZTO, J&T, JD Logistics, UPS (`1Z`), Amazon (`TBA`),
/// post (two letters, nine digits, the country). Post's shape is a standard; the others are as
/// commonly seen, with some room, and no check digit is looked at.
///
/// # Source
///
/// UPU S10 for post.
static CARRIER: LazyLock<Regex> = LazyLock::new(|| {
    let shapes = "sf[0-9]{12,15}|yt[0-9]{12,15}|zto?[0-9]{12,14}|jt[0-9]{13}|jd[a-z]{1,2}[0-9]{10,16}|1z[0-9a-z]{16}|tba[0-9]{12}|[a-z]{2}[0-9]{9}[a-z]{2}";
    pattern(&format!("{EDGE}(?:{shapes}){EDGE}"))
});

/// 货号…, `model …`.
static SKU: LazyLock<Regex> = LazyLock::new(|| {
    let zh = "货号|款号|型号|商品编[号码]|条码";
    let en = format!(r"{EDGE}(?:sku|model|(?:item|model|part|style|article) ?(?:numbers?|num|no|#))");
    pattern(&format!("(?:{zh}|{en}){BETWEEN}((?:[a-z]+[-_./]?){{0,3}}[0-9][a-z0-9]*(?:[-_./][a-z0-9]+)*){EDGE}"))
});

/// 订单编号…, 单号…, `order number …`, `#12345`.
static ORDER: LazyLock<Regex> = LazyLock::new(|| {
    let zh = "订单 ?(?:编号|号码|号|id)|单号";
    let en = format!("{EDGE}(?:order|purchase) ?(?:numbers?|num|nr|no|id|ref|reference|#)");
    // Passed over, so that their number is not taken for an order's.
    let others = format!("{EDGE}(?:invoice|bill|ticket|case|room|apt) ?#[0-9]+");
    pattern(&format!("(?:(?:{zh}|{en}){BETWEEN}({NUMBER})|{others}|#([0-9]{{4,24}})){EDGE}"))
});

/// Numbers only shops give: Amazon's, one with its prefix, one that begins with its day.
static SHOP: LazyLock<Regex> = LazyLock::new(|| {
    let day = "20[2-9][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])";
    let shapes = format!("[0-9]{{3}}-[0-9]{{7}}-[0-9]{{7}}|(?:so|po|ord)-[0-9]{{4,}}|[a-z]{{0,4}}{day}[0-9]{{4,16}}");
    pattern(&format!("{EDGE}(?:{shapes}){EDGE}"))
});

/// More of the same: 88231、88232, `88231 and 88232`.
static NEXT: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^ ?(?:[、/&和及]|and{EDGE}) ?({NUMBER}){EDGE}")));

/// 订单88231, `order 88231`.
static NEAR: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?:订单|{EDGE}(?:order|purchase)s?{EDGE})[ \r\n:(]{{0,2}}({NUMBER}){EDGE}")));

/// Parcels, articles and orders that are named by a word or have a shape of their own.
pub(super) fn named(text: &str, claims: &mut Claims) {
    take_named(&TRACKING, EntityKind::TrackingNumber, text, claims);
    take_shaped(&CARRIER, EntityKind::TrackingNumber, text, claims);
    for found in SKU.captures_iter(text).filter_map(|captures| captures.get(1)) {
        claims.take_name(EntityKind::Sku, (found.start(), found.end()));
    }
    take_named(&ORDER, EntityKind::OrderNumber, text, claims);
    take_shaped(&SHOP, EntityKind::OrderNumber, text, claims);
}

/// Orders that merely stand beside their number; asked last, when sums and counts have theirs.
pub(super) fn near(text: &str, claims: &mut Claims) {
    for found in NEAR.captures_iter(text).filter_map(|captures| captures.get(1)) {
        if digits(found.as_str()) >= DIGITS_NEAR && found.len() <= LENGTH_MAX {
            claims.take_name(EntityKind::OrderNumber, (found.start(), found.end()));
        }
    }
}

fn take_named(pattern: &Regex, kind: EntityKind, text: &str, claims: &mut Claims) {
    for captures in pattern.captures_iter(text) {
        let Some(first) = captures.get(1).or_else(|| captures.get(2)) else { continue };
        if !is_reference(first.as_str()) {
            continue;
        }
        claims.take_name(kind, (first.start(), first.end()));
        let mut end = first.end();
        while let Some(next) = NEXT.captures(&text[end..]).and_then(|captures| captures.get(1)) {
            if digits(next.as_str()) < DIGITS_NEAR {
                break;
            }
            claims.take_name(kind, (end + next.start(), end + next.end()));
            end += next.end();
        }
    }
}

fn take_shaped(pattern: &Regex, kind: EntityKind, text: &str, claims: &mut Claims) {
    for found in pattern.find_iter(text) {
        let (start, end) = (found.start(), found.end());
        if before(text, start) != Some('-') && after(text, end) != Some('-') {
            claims.take_name(kind, (start, end));
        }
    }
}

fn is_reference(text: &str) -> bool {
    digits(text) >= DIGITS_MIN && (DIGITS_MIN + 1..=LENGTH_MAX).contains(&text.len())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
