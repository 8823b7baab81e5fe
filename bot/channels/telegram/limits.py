"""What Telegram allows, and what we make of it. Read 2025-11: core.telegram.org/bots/api and /bots/faq."""

# Bot API
TEXT_MAX_UNITS = 4096  # UTF-16 units of a message, after its entities are parsed: sendMessage, text
CAPTION_MAX_UNITS = 1024  # the same of what is written under a picture: sendPhoto, caption
CALLBACK_DATA_MAX_BYTES = 64  # of UTF-8: InlineKeyboardButton, callback_data
BUTTONS_MAX = 100  # buttons under a message; not in the reference, where more are refused as "markup too long"
UPDATES_MAX = 100  # updates that one getUpdates may return: getUpdates, limit

# Bots FAQ, "My bot is hitting limits": about 30 messages a second overall, and in a chat, of messages that nobody waits
# for, 1 a second. Both are settings: TELEGRAM_PER_SECOND, TELEGRAM_CHAT_PAUSE.
CHAT_PAUSE_S = 1.0
SHARE_TAKEN = 0.995  # of what is allowed a second: the clocks at both ends do not agree to the last
SECOND_S = 1.003  # the same for the second itself

# Ours
POLL_TIMEOUT_S = 25  # how long one getUpdates waits for something to happen
POLL_ANSWER_S = 10  # and how long after that its answer may take
CALL_TIMEOUT_S = 10  # any other call
CONNECT_TIMEOUT_S = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0  # after a failure, doubling
LOCK_PAUSE_S = 3.0  # between two tries to become the one that polls
FETCH_TIMEOUT_S = 12  # a file of a citizen; Telegram itself gives out at most 20 MB (Bot API, getFile), we take less
RECEIVE_TIMEOUT_S = 30  # one message of a citizen, from reading to committing
RECEIVED_AT_ONCE = 10  # as many as the database has connections for
REPLIES_WAIT_S = 2.0  # what a batch waits for its replies to leave before Telegram may forget its updates
LAST_WAIT_S = 3.0  # the same when we stop, and once more for telling Telegram what we have received
REPLY_TRIES = 6
REPLIES_WAITING_MAX = 40  # parts that wait in one chat; somebody who writes faster than Telegram lets us answer
AHEAD_S = 0.15  # how far ahead deliveries take their slots: the longest that a reply stands behind them
HOLD_MAX_S = 4.0  # how long a delivery waits in here for its slot (it may take `delivering.LONGEST_FLIGHT` in all)
REPLY_WAIT_MAX_S = 5.0  # how far ahead a reply takes its slot; with a longer hold it asks again

# How wide things are, in columns: a Korean letter takes two, a Latin one
HALF_ROW_COLUMNS = 28  # two buttons share a row when both labels are at most this wide
LABEL_MAX_COLUMNS = 80
SOURCES_SHOWN = 3
SOURCE_TITLE_MAX_CHARS = 300
