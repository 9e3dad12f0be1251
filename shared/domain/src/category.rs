//! What it is about, how it sounds, and in which language.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The subject of a feedback: a fixed taxonomy, in the order of the model's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Defect, damage in use, genuine or not. 产品质量
    ProductQuality,
    /// Dispatch, tracking, delivery, lost or damaged on the way. 物流
    Logistics,
    /// Refund, return, exchange, repair, warranty, wrong or missing item. 售后
    AfterSales,
    /// Payment and invoices. 支付与发票
    PaymentInvoice,
    /// Placing, changing, cancelling an order. 订单
    Order,
    /// The customer's account. 账户
    Account,
    /// Questions about an item before or after buying. 商品咨询
    ProductEnquiry,
    /// Complaints about service or staff. 服务态度
    ServiceAttitude,
    /// Coupons, price protection, promotions. 价格与促销
    PricePromotion,
    /// Greetings, small talk, anything out of scope. 其他
    Other,
}

impl Category {
    /// Every category, in the model's order.
    pub const ALL: [Self; 10] = [
        Self::ProductQuality,
        Self::Logistics,
        Self::AfterSales,
        Self::PaymentInvoice,
        Self::Order,
        Self::Account,
        Self::ProductEnquiry,
        Self::ServiceAttitude,
        Self::PricePromotion,
        Self::Other,
    ];

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProductQuality => "product_quality",
            Self::Logistics => "logistics",
            Self::AfterSales => "after_sales",
            Self::PaymentInvoice => "payment_invoice",
            Self::Order => "order",
            Self::Account => "account",
            Self::ProductEnquiry => "product_enquiry",
            Self::ServiceAttitude => "service_attitude",
            Self::PricePromotion => "price_promotion",
            Self::Other => "other",
        }
    }

    /// The category of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == text)
    }
}

/// How a text sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sentiment {
    /// Unhappy.
    Negative,
    /// Neither.
    Neutral,
    /// Happy.
    Positive,
}

/// The language of a text or of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// Any other, or none to be seen.
    Other,
}
