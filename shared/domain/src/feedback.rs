//! What the customer said: immutable, parsed once.

use crate::id::{AttachmentId, FeedbackId};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The shop's web site.
    Web,
    /// The shop's app.
    App,
    /// Live chat.
    Chat,
    /// A call.
    Phone,
    /// E-mail.
    Email,
    /// WeChat official account. 微信公众号
    Wechat,
    /// WeChat mini program. 微信小程序
    WechatMiniProgram,
    /// Weibo. 微博
    Weibo,
    /// QQ.
    Qq,
    /// Alipay. 支付宝
    Alipay,
    /// Text message.
    Sms,
    /// WhatsApp.
    Whatsapp,
    /// LINE.
    Line,
    /// Telegram.
    Telegram,
    /// Facebook.
    Facebook,
    /// Instagram.
    Instagram,
    /// X.
    X,
    /// TikTok or Douyin. 抖音
    Tiktok,
    /// A marketplace's own messages.
    Marketplace,
    /// A shop with a door.
    Store,
    /// A device that reports of itself.
    Device,
    /// A program.
    Api,
}

impl Channel {
    /// Every channel and its word in JSON.
    pub const ALL: [(Self, &'static str); 22] = [
        (Self::Web, "web"),
        (Self::App, "app"),
        (Self::Chat, "chat"),
        (Self::Phone, "phone"),
        (Self::Email, "email"),
        (Self::Wechat, "wechat"),
        (Self::WechatMiniProgram, "wechat_mini_program"),
        (Self::Weibo, "weibo"),
        (Self::Qq, "qq"),
        (Self::Alipay, "alipay"),
        (Self::Sms, "sms"),
        (Self::Whatsapp, "whatsapp"),
        (Self::Line, "line"),
        (Self::Telegram, "telegram"),
        (Self::Facebook, "facebook"),
        (Self::Instagram, "instagram"),
        (Self::X, "x"),
        (Self::Tiktok, "tiktok"),
        (Self::Marketplace, "marketplace"),
        (Self::Store, "store"),
        (Self::Device, "device"),
        (Self::Api, "api"),
    ];

    /// The word used in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(channel, _)| *channel == self).map_or("api", |(_, word)| word)
    }

    /// The channel of that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == text).map(|(channel, _)| *channel)
    }
}

/// How much the shop values a customer; it widens the impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Everybody.
    Standard,
    /// Above standard.
    Silver,
    /// Above silver.
    Gold,
    /// The most valued.
    Vip,
}

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Customer {
    /// The shop's own reference, 1 to 128 characters.
    #[serde(rename = "ref")]
    pub reference: String,
    /// A name to greet with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The shop's valuation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// BCP 47, for example `zh-CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// An amount of money in the currency's smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// Cents, fen: never a fraction.
    pub amount_minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
}

/// What was bought, as the shop knew it when the feedback came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Purchase {
    /// The shop's order number.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The kind of item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// The production lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courier: Option<String>,
    /// Where it is sent from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warehouse: Option<String>,
    /// The shop's word for how far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
}

/// What a machine says in somebody's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Automatic {
    /// Somebody is away; or a mail of our own has come back to us.
    AutoReply,
    /// What was sent to this customer's address did not arrive, and never will.
    Bounce,
    /// It went to everybody on a list.
    List,
}

impl Automatic {
    /// Every kind and its word in JSON.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::AutoReply, "auto_reply"), (Self::Bounce, "bounce"), (Self::List, "list")];
}

/// One feedback as the channel handed it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Feedback {
    /// Where it was said.
    pub channel: Channel,
    /// What was said, 1 to 8,000 characters, kept code point for code point.
    pub message: String,
    /// By whom.
    pub customer: Customer,
    /// About which purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Purchase>,
    /// The channel's own id of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_message_id: Option<String>,
    /// When it was said, if the channel knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// BCP 47 of this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Said in the open, where others read it.
    #[serde(default)]
    pub public: bool,
    /// Files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentId>,
    /// An earlier feedback of the same conversation: this one goes on with its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<FeedbackId>,
    /// What was said in a voice message, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Said by a machine and no person: kept, and no order is made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Automatic>,
}

/// How much earlier than its receipt a feedback may say it was said, to be believed.
const BELIEVED: SignedDuration = SignedDuration::from_mins(15);

impl Feedback {
    /// When the customer began to wait: when it was said, if the channel handed it over within a
    /// quarter of an hour, else when it came in. Promises are counted from then.
    ///
    /// # Source
    /// sla.md section 3: facts that arrive late use `occurred_at` if within 15 min of receipt.
    #[must_use]
    pub fn began_at(&self, received_at: Timestamp) -> Timestamp {
        let believable = |said: &Timestamp| {
            let late = received_at.duration_since(*said);
            (SignedDuration::ZERO..=BELIEVED).contains(&late)
        };
        self.occurred_at.filter(believable).unwrap_or(received_at)
    }

    /// The words to understand: the message, and what a voice message said.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.transcript {
            Some(transcript) => format!("{}\n{transcript}", self.message),
            None => self.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_one_word_and_comes_back_from_it() {
        for (channel, word) in Channel::ALL {
            assert_eq!(channel.as_str(), word);
            assert_eq!(Channel::parse(word), Some(channel));
            assert_eq!(serde_json::to_value(channel).unwrap(), word);
        }
        assert_eq!(Channel::parse("fax"), None);
    }

    #[test]
    fn a_customer_waits_since_it_was_said_if_that_was_within_a_quarter_of_an_hour() {
        let received: Timestamp = "2026-11-23T02:00:00Z".parse().unwrap();
        let began = |occurred_at: Option<&str>| {
            let said = serde_json::json!({
                "channel": "email", "message": "坏了", "customer": {"ref": "c1"}, "occurred_at": occurred_at
            });
            serde_json::from_value::<Feedback>(said).unwrap().began_at(received).to_string()
        };
        for (said, since) in [
            (None, "2026-11-23T02:00:00Z"),
            (Some("2026-11-23T01:45:00Z"), "2026-11-23T01:45:00Z"),
            (Some("2026-11-23T01:44:59.999Z"), "2026-11-23T02:00:00Z"),
            (Some("2026-11-23T02:00:00.001Z"), "2026-11-23T02:00:00Z"),
        ] {
            assert_eq!(began(said), since, "{said:?}");
        }
    }

    #[test]
    fn a_voice_message_is_understood_by_its_transcript_too() {
        let said: Feedback = serde_json::from_value(serde_json::json!({
            "channel": "wechat", "message": "[语音]", "transcript": "快递还没到",
            "customer": {"ref": "c1"}
        }))
        .unwrap();
        assert_eq!(said.words(), "[语音]\n快递还没到");
    }
}
