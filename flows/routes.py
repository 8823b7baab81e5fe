"""What the bot can do, on a page: acting intents and their handlers. Asking intents come from the topics' files."""

from flows import answering, citizens, delivering, indicators, privacy, subscribing, suggesting
from flows.messages import Handler

ROUTES: dict[str, Handler] = {
    # the plan, live
    "commitment_status": answering.commitment_status,
    "list_commitments": answering.list_commitments,
    "upcoming_milestones": answering.upcoming_milestones,
    "latest_updates": answering.latest_updates,
    # suggestions
    "submit_suggestion": suggesting.submit_suggestion,
    "suggestion_status": suggesting.suggestion_status,
    "my_suggestions": suggesting.my_suggestions,
    "edit_suggestion": suggesting.edit_suggestion,
    "withdraw_suggestion": suggesting.withdraw_suggestion,
    "browse_suggestions": suggesting.browse_suggestions,
    # alerts
    "subscribe": subscribing.subscribe,
    "unsubscribe": subscribing.unsubscribe,
    "subscription_settings": subscribing.subscription_settings,
    # oneself
    "change_language": citizens.change_language,
    "my_data": privacy.my_data,
    "forget_me": privacy.forget_me,
    # what was just said
    "more_detail": answering.more_detail,
    "plain_language": answering.plain_language,
    "correct_last": answering.correct_last,
    "ask_source": answering.ask_source,
    "ask_when": answering.ask_when,
    "ask_who": answering.ask_who,
    # talk
    "human_handoff": answering.human_handoff,
    "menu": answering.menu,
    "bot_identity": answering.bot_identity,
    "greet": answering.greet,
    "goodbye": answering.goodbye,
    "thank": answering.thank,
    "complain_bot": answering.complain_bot,
    "affirm": answering.affirm,
    "deny": answering.deny,
    "cancel": suggesting.cancel,
    "out_of_scope": answering.out_of_scope,
}

# What is only ever pressed, under something that was said: no words ask for it, so the intent model need not know it.
BUTTONS: dict[str, Handler] = {
    "ask_staff": answering.ask_staff,
    "figure": indicators.figure,
    "full_answer": answering.full_answer,
    "rate": answering.rate,
    "words": answering.words,
    "support": suggesting.support_suggestion,
    "contest": suggesting.contest,
    "reply": suggesting.reply,
    "really_done": suggesting.really_done,
    "trial_chat": delivering.trial_chat,
}

# Words that mean one thing at every step and without the intent model. A slash before them is optional.
COMMANDS: dict[str, str] = {
    **dict.fromkeys(("start", "시작"), "greet"),
    **dict.fromkeys(("menu", "help", "메뉴", "도움말"), "menu"),
    **dict.fromkeys(("cancel", "restart", "취소", "처음", "처음으로"), "cancel"),
    **dict.fromkeys(("language", "언어"), "change_language"),
    **dict.fromkeys(("commitments", "공약"), "list_commitments"),
    **dict.fromkeys(("suggest", "제안", "제안하기"), "submit_suggestion"),
    **dict.fromkeys(("status", "접수번호"), "suggestion_status"),
    **dict.fromkeys(("follow", "구독", "알림받기"), "subscribe"),
    **dict.fromkeys(("alerts", "알림", "알림설정"), "subscription_settings"),
    **dict.fromkeys(("stop", "알림끄기", "구독취소"), "unsubscribe"),
    **dict.fromkeys(("news", "소식"), "latest_updates"),
    **dict.fromkeys(("source", "sources", "출처"), "ask_source"),
    **dict.fromkeys(("plain", "easy", "in plain words", "쉬운말", "쉬운 말", "쉬운 말로"), "plain_language"),
    **dict.fromkeys(("mydata", "my data", "내정보", "내 정보"), "my_data"),
    **dict.fromkeys(("forget", "forget me", "내정보삭제", "내 정보 삭제"), "forget_me"),
    **dict.fromkeys(("contact", "문의", "연락처"), "human_handoff"),
}

# What ends or leaves a dialogue wherever it stands; other intents must look like a question to interrupt it.
ALWAYS = {"cancel", "change_language", "menu", "human_handoff", "forget_me", "my_data", "unsubscribe"}
