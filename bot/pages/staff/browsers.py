"""What kind of browser somebody uses, so that they know their sessions apart. Nothing more of it is kept."""

# The first that is found counts: nearly all say that they are Chrome and Safari as well.
BROWSERS = {
    "Whale/": "Whale",
    "KAKAOTALK": "KakaoTalk",
    "SamsungBrowser/": "Samsung Internet",
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def kind_of(user_agent: str) -> str:
    """Such as “Whale, Windows”; empty where the browser does not say."""
    found = (next((name for mark, name in marks.items() if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
