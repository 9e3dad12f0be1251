//! Every word on the pages, in both languages: one row a text.

use redress_domain::category::Language;
use std::collections::BTreeMap;

/// Name, Chinese, English.
pub(crate) const TEXTS: [(&str, &str, &str); 64] = [
    ("lang", "zh-CN", "en"),
    ("survey_title", "您的问题解决了吗？", "Did we put it right?"),
    (
        "survey_intro",
        "只需一分钟。每一题都可以不答，您的回答会直接交给负责的团队。",
        "It takes a minute. You may leave out any question. Your answer goes straight to the team.",
    ),
    (
        "survey_answered",
        "您已经回答过了，谢谢！下面是您的回答，可以修改后再次提交。",
        "You have answered already, thank you. Here is what you said; you may change it and send it again.",
    ),
    ("survey_until", "可回答至", "You can answer until"),
    ("solved", "问题解决了吗？", "Is the problem solved?"),
    ("solved_true", "解决了", "Yes, it is"),
    ("solved_false", "没有解决", "No, it is not"),
    ("csat", "您对这次处理满意吗？", "How satisfied are you with how we handled it?"),
    ("csat_1", "很不满意", "Very unsatisfied"),
    ("csat_2", "不满意", "Unsatisfied"),
    ("csat_3", "一般", "Neither"),
    ("csat_4", "满意", "Satisfied"),
    ("csat_5", "很满意", "Very satisfied"),
    ("ces", "让问题得到处理，容易吗？", "How easy was it to get it handled?"),
    ("ces_low", "1 = 非常费力", "1 = very hard"),
    ("ces_high", "7 = 非常容易", "7 = very easy"),
    ("nps", "您愿意把我们推荐给朋友或同事吗？", "How likely are you to recommend us to a friend?"),
    ("nps_low", "0 = 完全不愿意", "0 = not at all likely"),
    ("nps_high", "10 = 非常愿意", "10 = extremely likely"),
    ("no_answer", "不作答", "No answer"),
    ("comment", "还有什么想告诉我们的？", "Is there anything else you would like to tell us?"),
    (
        "comment_hint",
        "选填，最多 4000 个字。请不要填写银行卡号或密码。",
        "Optional, up to 4,000 characters. Please leave out card numbers and passwords.",
    ),
    ("send", "提交", "Send"),
    ("send_again", "更新回答", "Update my answer"),
    ("error_summary", "还不能提交：", "This can't be sent yet:"),
    ("error_", "请至少回答一个问题。", "Please answer at least one question."),
    ("error_csat", "请在 1 到 5 之间选择满意度。", "Choose a satisfaction from 1 to 5."),
    ("error_ces", "请在 1 到 7 之间选择容易程度。", "Choose an ease from 1 to 7."),
    ("error_nps", "请在 0 到 10 之间选择推荐程度。", "Choose a likelihood from 0 to 10."),
    ("error_solved", "请选择“解决了”或“没有解决”。", "Choose whether it is solved or not."),
    (
        "error_comment",
        "留言最多 4000 个字，并且不能只有空白。",
        "A comment has at most 4,000 characters, and not only blanks.",
    ),
    (
        "error_other",
        "表单里有我们不认识的内容，请重新打开链接。",
        "The form holds something that we don't know. Please open the link again.",
    ),
    ("thanks_title", "谢谢您的回答", "Thank you for your answer"),
    ("thanks_good", "很高兴能帮到您。", "We are glad that we could help."),
    (
        "thanks_bad",
        "很抱歉没有让您满意。我们会重新查看您的问题。",
        "We are sorry that it is not good enough. We will look at it again.",
    ),
    (
        "thanks_change",
        "在截止时间之前，您可以再次打开同一个链接修改回答。",
        "Until the time below you may open the same link again and change your answer.",
    ),
    ("tracking_title", "您的反馈进度", "How far your feedback is"),
    ("tracking_intro", "我们收到了您的反馈，正在为您处理。", "We have your feedback and are taking care of it."),
    ("tracking_done", "这件事已经处理完毕，谢谢您告诉我们。", "This is done. Thank you for telling us."),
    ("tracking_received_at", "收到时间", "Received"),
    ("tracking_updated_at", "最近更新", "Last change"),
    ("tracking_now", "当前", "now"),
    ("received", "已收到", "Received"),
    ("classified", "已了解问题", "Understood"),
    ("waiting", "等待客服接手", "Waiting for a colleague"),
    ("assigned", "客服处理中", "A colleague is working on it"),
    ("closed", "已完成", "Done"),
    ("unsubscribe_title", "不再接收邮件", "No more mails"),
    (
        "unsubscribe_intro",
        "我们将不再向下面的邮箱发送进度通知和满意度调查。",
        "We will send no more news of progress and no more questions to the address below.",
    ),
    ("unsubscribe", "确认", "Confirm"),
    ("unsubscribed", "已经退订。", "Done: these mails have ended."),
    ("unsubscribe_still", "您写信来，我们的同事仍会回复您。", "If you write to us, a colleague will still answer you."),
    ("promises_title", "我们的服务承诺", "What we promise"),
    (
        "promises_intro",
        "写明时限的承诺由我们的系统逐单计时。没有做到时，按所列补偿，经审核后发放。",
        "Where a time is named, our own clocks keep it, case by case. Where we fail, what is named with it is offered once somebody has looked at the case.",
    ),
    ("promises_if", "事情", "If it is "),
    ("problem_404_title", "找不到这个页面", "This page can't be found"),
    (
        "problem_404",
        "链接可能不完整，请检查是否完整复制。",
        "The link may be incomplete. Please check that all of it was copied.",
    ),
    ("problem_410_title", "回答时间已过", "The time to answer has passed"),
    (
        "problem_410",
        "谢谢您愿意告诉我们。如果问题还在，请直接联系客服。",
        "Thank you for wanting to tell us. If the problem is still there, please contact us.",
    ),
    ("problem_503_title", "暂时无法打开", "Not available for the moment"),
    ("problem_503", "请过一会儿再试一次。", "Please try again in a moment."),
    ("problem_title", "这个请求无法处理", "This could not be done"),
    ("problem", "请重新打开链接再试一次。", "Please open the link again and try once more."),
];

/// Every text in a language by its name.
pub(crate) fn texts(language: Language) -> BTreeMap<&'static str, &'static str> {
    TEXTS.iter().map(|(name, zh, en)| (*name, if language == Language::Zh { *zh } else { *en })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_text_is_there_once_in_both_languages() {
        let names: BTreeSet<_> = TEXTS.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), TEXTS.len());
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (name, zh, en) in TEXTS {
            assert!(!en.is_empty() && !chinese(en), "{name}");
            assert!(chinese(zh) || name == "lang", "{name}");
        }
    }
}
